-- Every landed third party, beside whose its file is and how often the file lists it.
select
    third_parties.*,
    count(*) over (
        partition by
            third_parties.source_sha256,
            third_parties.company_id,
            third_parties.kind,
            third_parties.third_party_code
    ) as occurrence_count,
    files.company_id as file_company_id
from landing.third_parties as third_parties
join checked_files as files on third_parties.source_sha256 = files.source_sha256
