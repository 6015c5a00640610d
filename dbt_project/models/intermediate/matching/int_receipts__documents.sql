-- What may be settled, for the second pass: items open at the as-of date, less what the first pass has
-- settled with payments that the books hold, with the credit notes that may be netted against them
-- (negative).
with
    open_items as (select * from {{ ref("int_ageing__items_at_dates") }} where is_own_date),

    -- What a group of the first pass takes of a document: all of it, but of the one document of a payment
    -- in part. What lacks for a reason that has a name (a discount, say) is no longer owed.
    first_groups as (
        select
            group_key,
            min(residual_reason) as residual_reason,
            cast(sum(case when side = 'payment' then amount else 0 end) as bigint) as payment_amount,
            cast(sum(case when side = 'document' then amount else 0 end) as bigint) as document_amount,
            sum(case when side = 'document' then 1 else 0 end) as document_count
        from {{ ref("int_matching__found") }}
        where use = 'lettering' and match_status = 'matched'
        group by group_key
    ),

    settled as (
        select
            members.object_id,
            cast(
                sum(
                    case
                        when
                            members.side = 'document'
                            and first_groups.document_count = 1
                            and coalesce(first_groups.residual_reason, 'short_payment') = 'short_payment'
                            and first_groups.payment_amount < first_groups.document_amount
                        then first_groups.payment_amount
                        when members.side = 'document'
                        then members.amount
                        else - members.amount
                    end
                ) as bigint
            ) as amount
        from {{ ref("int_matching__found") }} as members
        inner join first_groups on members.group_key = first_groups.group_key
        group by members.object_id
    ),

    items as (select * from {{ ref("int_items__posted") }}),

    companies as (select company_id, base_currency from {{ ref("int_companies__known") }}),

    terms as (select * from {{ ref("int_third_parties__discounts") }}),

    quoted as (
        select company_id, document_key, min(payment_reference) as payment_reference
        from {{ ref("int_items__invoice_terms") }}
        where payment_reference is not null
        group by company_id, document_key
    ),

    remaining as (
        select
            open_items.*, {{ minor_units("open_items.open_amount") }} - coalesce(settled.amount, 0) as amount
        from open_items
        left join settled on open_items.item_id = settled.object_id
    )

select
    'receipt' as use,
    remaining.item_id as document_id,
    remaining.company_id,
    cast(null as string) as bank_account_id,
    concat_ws('|', 'receipt', remaining.company_id, remaining.ledger_side) as block_id,
    remaining.third_party_id as party_id,
    coalesce(remaining.currency_code <> companies.base_currency, false) as is_foreign,
    remaining.amount,
    {{ discount_minor_units("remaining.open_amount", "terms.discount_percent") }} as discount_amount,
    {{ plus_days("coalesce(items.document_date, items.entry_date)", "terms.discount_days") }}
    as discount_until,
    coalesce(items.document_date, items.entry_date) as day,
    items.due_date,
    {{ plain_text("concat_ws(' ', items.document_ref, quoted.payment_reference)") }} as reference_text,
    cast(null as string) as words_text,
    items.document_ref,
    coalesce(items.third_party_id || '|' || nullif(items.document_ref, ''), items.item_id) as document_group,
    items.entry_date as entry_day,
    items.item_type = 'payment' as is_money_back,
    cast(null as string) as bundle_id,
    items.source_row as place
from remaining
inner join items on remaining.item_id = items.item_id
left join companies on remaining.company_id = companies.company_id
left join terms on remaining.third_party_id = terms.third_party_id
left join
    quoted
    on remaining.company_id = quoted.company_id
    and upper(trim(items.document_ref)) = quoted.document_key
where
    remaining.amount <> 0
    and sign(remaining.amount) = sign(remaining.open_amount)
    and not items.is_opening_difference
    and (remaining.amount > 0 or items.item_type = 'credit_note')
