-- Every landed third party, beside how often its file lists it.
select
    third_parties.*,
    count(*) over (
        partition by
            third_parties.source_sha256,
            third_parties.company_id,
            third_parties.kind,
            third_parties.third_party_code
    ) as occurrence_count
from landing.third_parties as third_parties
