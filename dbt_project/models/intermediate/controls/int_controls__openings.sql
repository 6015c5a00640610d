-- Opening entries restate what the year before left open, per third party's account and year. A difference
-- is an item of its own (int_items__opening_differences) and never blocks: it is in the books.
select
    company_id,
    'opening_restates_closing' as control_name,
    concat(account_code, ' ', third_party_id, ' ', cast(entry_date as string)) as subject,
    left_open_amount as expected,
    restated_amount as actual,
    false as is_blocking
from {{ ref("int_items__opening_differences") }}
where difference <> 0

union all

select
    company_id,
    'openings_that_restate_closing',
    'accounts of third parties',
    count(*),
    sum(case when difference = 0 then 1 else 0 end),
    false
from {{ ref("int_items__opening_differences") }}
group by company_id

union all

select
    items.company_id,
    'instalments_equal_ledger_line' as control_name,
    concat(items.third_party_id, ' ', items.document_ref) as subject,
    sum(items.original_amount) as expected,
    max(documents.document_amount) as actual,
    false as is_blocking
from {{ ref("int_items__documents_matched") }} as documents
inner join {{ ref("int_items__posted") }} as items on documents.ledger_line_id = items.ledger_line_id
where
    documents.instalment_count > 1
    and documents.instalment_number is null
    and items.due_date_source = 'invoice'
group by items.company_id, items.third_party_id, items.document_ref
