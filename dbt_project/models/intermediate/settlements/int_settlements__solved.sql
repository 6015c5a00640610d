-- What each match group of payments and documents settles: one row per pair of what settles (a payment, a
-- credit note, a residual with a name) and what is settled. Within a group what settles is used up in
-- order, credit notes first, on documents in order of due date: both sides are laid end to end, and what
-- lies opposite settles. What is left over on either side stays open.
with
    groups as (select * from {{ ref("int_matching__groups") }} where use in ('lettering', 'receipt')),

    member_rows as (
        select
            groups.match_id,
            members.side,
            members.object_id,
            case
                when groups.use = 'lettering' or members.side = 'document' then members.object_id
            end as item_id,
            case
                when groups.use = 'receipt' and members.side = 'payment' then members.object_id
            end as bank_transaction_id,
            -- A payment settles and a document is settled; a credit note settles, a returned payment is
            -- settled.
            case
                when members.side = 'payment' then members.amount else - members.amount
            end as settling_amount
        from groups
        inner join {{ ref("int_matching__members") }} as members on groups.match_id = members.match_id
    ),

    members as (
        select
            member_rows.match_id,
            member_rows.side,
            member_rows.object_id,
            member_rows.item_id,
            member_rows.bank_transaction_id,
            member_rows.settling_amount,
            coalesce(items.company_id, transactions.company_id) as company_id,
            items.ledger_side,
            items.third_party_id,
            items.document_ref,
            items.entry_number,
            items.document_date,
            items.due_date,
            items.due_date_source,
            coalesce(items.entry_date, transactions.booking_date) as member_date,
            coalesce(items.item_type, 'payment') as item_type,
            coalesce(items.settlement_kind, 'payment') as settlement_kind
        from member_rows
        left join {{ ref("int_items__posted") }} as items on member_rows.item_id = items.item_id
        left join
            {{ ref("int_bank__transactions") }} as transactions
            on member_rows.bank_transaction_id = transactions.bank_transaction_id
    ),

    -- What is missing for a reason that has a name is no debt, and what is over is no credit.
    residuals as (
        select
            groups.match_id,
            groups.residual_reason,
            - groups.residual_amount as settling_amount,
            case
                groups.residual_reason
                when 'bank_fee'
                then 'payment'
                when 'rounding'
                then 'write_off'
                else groups.residual_reason
            end as settlement_kind,
            last_days.member_date
        from groups
        inner join
            (select match_id, max(member_date) as member_date from members group by match_id) as last_days
            on groups.match_id = last_days.match_id
        where
            groups.residual_amount <> 0
            and groups.residual_reason in ('bank_fee', 'discount', 'rounding', 'exchange')
    ),

    pieces as (
        select
            match_id,
            object_id,
            item_id,
            bank_transaction_id,
            settling_amount,
            company_id,
            ledger_side,
            third_party_id,
            document_ref,
            entry_number,
            document_date,
            due_date_source,
            member_date,
            item_type,
            settlement_kind,
            cast(null as string) as residual_kind,
            case when side = 'document' and settling_amount > 0 then 1 else 2 end as turn,
            case
                when settling_amount < 0 then coalesce(due_date, member_date) else member_date
            end as turn_date
        from members
        union all
        select
            match_id,
            residual_reason as object_id,
            cast(null as string) as item_id,
            cast(null as string) as bank_transaction_id,
            settling_amount,
            cast(null as string) as company_id,
            cast(null as string) as ledger_side,
            cast(null as string) as third_party_id,
            cast(null as string) as document_ref,
            cast(null as string) as entry_number,
            cast(null as date) as document_date,
            cast(null as string) as due_date_source,
            member_date,
            'other' as item_type,
            settlement_kind,
            settlement_kind as residual_kind,
            3 as turn,
            member_date as turn_date
        from residuals
    ),

    laid as (
        select
            *,
            cast(
                sum(abs(settling_amount)) over (
                    partition by match_id, settling_amount > 0
                    order by turn, turn_date, object_id
                    rows between unbounded preceding and current row
                ) as decimal(18, 2)
            ) as until_amount
        from pieces
        where settling_amount <> 0
    ),

    settling as (select *, until_amount - settling_amount as from_amount from laid where settling_amount > 0),

    settled as (select *, until_amount + settling_amount as from_amount from laid where settling_amount < 0)

select
    {{ stable_id(["groups.match_id", "settled.object_id", "settling.object_id"]) }} as settlement_id,
    groups.match_id,
    coalesce(settled.company_id, settling.company_id) as company_id,
    coalesce(settled.ledger_side, settling.ledger_side) as ledger_side,
    coalesce(settled.third_party_id, settling.third_party_id) as third_party_id,
    settled.item_id as owed_item_id,
    settling.item_id as settling_item_id,
    coalesce(settled.bank_transaction_id, settling.bank_transaction_id) as bank_transaction_id,
    settled.document_ref as owed_document_ref,
    settling.document_ref as settling_document_ref,
    settled.entry_number as owed_entry_number,
    settling.entry_number as settling_entry_number,
    cast(
        least(settled.until_amount, settling.until_amount)
        - greatest(settled.from_amount, settling.from_amount) as decimal(18, 2)
    ) as amount,
    greatest(settled.member_date, settling.member_date) as effective_date,
    case
        when settled.residual_kind is not null
        then settled.residual_kind
        when settled.item_type = 'payment' and settling.settlement_kind = 'payment'
        then 'return'
        else settling.settlement_kind
    end as settlement_kind,
    case when groups.match_rule = 'decision' then 'decision' else 'solver' end as source,
    groups.match_status as status,
    groups.match_rule,
    groups.match_score,
    case
        when
            settled.residual_kind is null
            and settling.settlement_kind = 'payment'
            and settled.item_type <> 'payment'
            and coalesce(settled.due_date_source, '') <> 'opening'
        then {{ days_between("settled.document_date", "settling.member_date") }}
    end as days_to_pay
from settled
inner join
    settling
    on settled.match_id = settling.match_id
    and settled.from_amount < settling.until_amount
    and settling.from_amount < settled.until_amount
inner join groups on settled.match_id = groups.match_id
-- What a bank line is over or short by settles nothing where no item is on the other side.
where settled.item_id is not null or settling.item_id is not null
