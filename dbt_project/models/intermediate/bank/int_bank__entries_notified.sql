-- Each entry of a notification, and what becomes of it. It is the same as the only movement of its
-- account, amount and day whose references do not contradict it, when it is that one's only notification.
-- Where it tells more (the details of a batch, the other party) it stands in that one's stead. Where no
-- movement may be the same, and no statement covers its day, it counts like that of a report. Otherwise
-- it tells nothing new.
{% set names_party %}
    coalesce(counterparty_name, counterparty_iban, end_to_end_id, structured_reference) is not null
{% endset %}
with
    lines as (
        select *, case when {{ names_party }} then 1 else 0 end as names_party
        from {{ ref("int_bank__lines_keyed") }}
        where statement_kind = 'notification'
    ),

    gathered as (
        select
            *,
            count(*) over (partition by source_sha256, statement_ordinal, entry_ordinal) as line_count,
            min(line_key) over (
                partition by source_sha256, statement_ordinal, entry_ordinal
            ) as first_line_key,
            max(line_key) over (
                partition by source_sha256, statement_ordinal, entry_ordinal
            ) as last_line_key,
            max(names_party) over (
                partition by source_sha256, statement_ordinal, entry_ordinal
            ) as names_any_party
        from lines
    ),

    notified as (
        select
            *,
            {{
                stable_id(
                    [
                        "company_id",
                        "account_number",
                        "currency_code",
                        "booking_date",
                        "value_date",
                        "entry_amount",
                        "whole_entry_reference",
                        "batch_reference",
                        "line_count",
                        "first_line_key",
                        "last_line_key",
                    ]
                )
            }} as entry_key
        from gathered
        where detail_ordinal <= 1
    ),

    -- Identical entries of one notification are several; of two notifications, they are the same.
    numbered as (
        select
            *, row_number() over (partition by entry_key, statement_id order by entry_ordinal) as occurrence
        from notified
    ),

    shown as (
        select
            *,
            row_number() over (
                partition by entry_key, occurrence order by intake_number, statement_id
            ) as showing
        from numbered
    ),

    movements as (
        select *, {{ names_party }} as names_party
        from {{ ref("int_bank__transactions_counted") }}
        where showing = 1 and detail_ordinal <= 1
    ),

    possible as (
        select
            shown.entry_key,
            shown.occurrence,
            movements.line_key as movement_line_key,
            movements.occurrence as movement_occurrence,
            movements.detail_ordinal = 0
            and (
                shown.line_count > 1 or (shown.names_any_party = 1 and not movements.names_party)
            ) as tells_more,
            case
                when shown.whole_entry_reference = movements.whole_entry_reference
                then 1
                when shown.batch_reference = movements.batch_reference
                then 1
                else 0
            end as strength
        from shown
        inner join
            movements
            on shown.company_id = movements.company_id
            and shown.account_number = movements.account_number
            and shown.currency_code = movements.currency_code
            and shown.entry_amount = movements.entry_amount
            and (shown.booking_date = movements.booking_date or shown.value_date = movements.value_date)
            and coalesce(shown.whole_entry_reference = movements.whole_entry_reference, true)
            and coalesce(shown.batch_reference = movements.batch_reference, true)
        where shown.showing = 1
    ),

    -- One of the same reference goes before others.
    ranked as (
        select
            *,
            max(strength) over (partition by entry_key, occurrence) as entry_strength,
            max(strength) over (partition by movement_line_key, movement_occurrence) as movement_strength
        from possible
    ),

    same as (
        select
            *,
            count(*) over (partition by entry_key, occurrence) as movement_count,
            count(*) over (partition by movement_line_key, movement_occurrence) as entry_count
        from ranked
        where strength = entry_strength and strength = movement_strength
    ),

    known as (
        select
            entry_key,
            occurrence,
            max(case when is_detailing then movement_line_key end) as movement_line_key,
            max(case when is_detailing then movement_occurrence end) as movement_occurrence
        from
            (
                select *, tells_more and movement_count = 1 and entry_count = 1 as is_detailing from same
            ) as judged
        group by entry_key, occurrence
    )

select
    shown.company_id,
    shown.account_number,
    shown.source_sha256,
    shown.statement_ordinal,
    shown.entry_ordinal,
    shown.line_count,
    case
        when shown.showing > 1
        then 'repeated'
        when known.movement_line_key is not null
        then 'details'
        when known.entry_key is not null
        then 'known'
        when shown.is_covered
        then 'covered'
        else 'counts'
    end as outcome,
    case when shown.showing = 1 then known.movement_line_key end as movement_line_key,
    case when shown.showing = 1 then known.movement_occurrence end as movement_occurrence
from shown
left join known on shown.entry_key = known.entry_key and shown.occurrence = known.occurrence
