-- Bank lines that clear what was open when the statements begin: the ledger's balance of the day before,
-- and the bank's, differ by what the ledger holds and the bank does not yet (or the other way round). A
-- line that nothing else matches and whose amount makes up the whole difference is that.
with
    openings as (
        select bank_account_id, first_day, {{ minor_units("opening_unreconciled") }} as amount
        from {{ ref("int_bank__openings") }}
        where opening_unreconciled <> 0
    ),

    matched as (
        select object_id
        from {{ ref("int_matching__found") }}
        where use = 'bank' and match_status = 'matched'
        union
        select object_id
        from {{ ref("int_receipts__found") }}
        where side = 'payment' and match_status = 'matched'
        union
        select object_id
        from {{ ref("int_matching__offsets") }}
    ),

    clearing as (
        select
            payments.payment_id,
            openings.bank_account_id,
            payments.amount,
            count(*) over (partition by openings.bank_account_id) as choices
        from openings
        inner join
            {{ ref("int_matching__payments") }} as payments
            on openings.bank_account_id = payments.bank_account_id
            and payments.amount = - openings.amount
        where
            payments.use = 'bank'
            and {{ days_between("openings.first_day", "payments.day") }} <= 366
            and not exists (select 1 from matched where matched.object_id = payments.payment_id)
    )

select 'payment' as side, payment_id as object_id, concat_ws('|', 'opening', payment_id) as group_key, amount
from clearing
where choices = 1

union all

select 'document' as side, concat('opening/', bank_account_id), concat_ws('|', 'opening', payment_id), amount
from clearing
where choices = 1
