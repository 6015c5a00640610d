-- Who may have sent a payment: a row per payment and third party. Where nothing better is known, by how
-- alike the names are: that of the payer, else one that the text holds.
with
    known as (
        select payment_id, third_party_id, strength, party_basis from {{ ref("int_receipts__payers_known") }}
    ),

    alike as (
        select payments.payment_id, names.third_party_id, names.similarity, names.is_whole
        from {{ ref("int_receipts__payments") }} as payments
        inner join
            {{ ref("int_receipts__names") }} as names
            on payments.company_id = names.company_id
            and names.kind
            = case when payments.block_id like '%|receivable' then 'customer' else 'supplier' end
            and names.payer_name in (payments.payer_name, payments.words_text)
        where not exists (select 1 from known where known.payment_id = payments.payment_id)
    ),

    best as (
        select payment_id, third_party_id, max(similarity) as similarity, max(is_whole) as is_whole
        from alike
        group by payment_id, third_party_id
    ),

    compared as (select *, max(similarity) over (partition by payment_id) as best_similarity from best)

select payment_id, third_party_id, strength, party_basis
from known

union all

-- A name that is cut short may be several parties': all whose names begin as it does.
select payment_id, third_party_id, 4 as strength, 'name' as party_basis
from compared
where
    (best_similarity >= 0.5 and similarity >= best_similarity - 0.1)
    or (best_similarity < 0.95 and is_whole = 1)
