-- Which documents a payment may meet in the second pass: those of the third parties that may have sent it;
-- where nobody knows the payer, those of all.
select payment_id, third_party_id as pool_id, party_basis
from {{ ref("int_receipts__payers") }}

union all

select payments.payment_id, payments.block_id as pool_id, cast(null as string) as party_basis
from {{ ref("int_receipts__payments") }} as payments
where
    not exists (
        select 1
        from {{ ref("int_receipts__payers") }} as payers
        where payers.payment_id = payments.payment_id
    )
