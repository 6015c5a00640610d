-- One row per third party and IBAN of its own, as third_parties.csv says; several may share one.
with
    listed as (
        select company_id, third_party_id, kind, {{ each_of(between_bars("ibans")) }} as iban
        from {{ ref("int_third_parties__listed") }}
        where ibans is not null
    )

select distinct
    company_id, third_party_id, kind, upper({{ replace_all("iban", "'[^0-9A-Za-z]'", "''") }}) as iban
from listed
where {{ replace_all("iban", "'[^0-9A-Za-z]'", "''") }} <> ''
