{#
  The stages that a join can decide. Each is a select of pairs: which group (`group_id`: the payment or the document that
  the others belong to), which payment and document, by which rule, with which status and evidence. What an earlier stage
  has consumed is not looked at again.
#}
{% macro stage_columns() %}
    use,
    group_id,
    payment_id,
    document_id,
    match_rule,
    match_status,
    residual_reason,
    reference_key,
    documents_named,
    party_basis,
    words_shared,
    words_compared,
    days,
    accidents,
    margin,
    payment_amount,
    document_amount
{% endmacro %}

{# CTE `pairs`: those of which neither side is consumed by the stages named. #}
{% macro pairs_left(pairs, consumed) %}
    consumed as (
        {% for stage in consumed %}
            select payment_id as row_id
            from {{ stage }}
            where match_status = 'matched'
            union all
            select document_id
            from {{ stage }}
            where match_status = 'matched' {{ "union all" if not loop.last }}
        {% endfor %}
    ),

    pairs as (
        select *
        from {{ pairs }} as pairs
        where
            payment_id not in (select row_id from consumed)
            and document_id not in (select row_id from consumed)
    )
{% endmacro %}

{#
  CTE `claims`: which documents a payment claims by naming them. Where the payer is known and has a document among them,
  what it names of others is a slip. A credit note that a payment nets is no payment of its own. Of payments that name
  one document and have its amount, the first pays it: the next is a second payment of what is paid.
#}
{% macro claims_of(pairs) %}
    named as (
        select
            *,
            max(case when is_in_pool and party_basis is not null then 1 else 0 end) over (
                partition by use, payment_id
            ) as has_own
        from {{ pairs }} as pairs
        where is_named and (is_in_pool or use = 'receipt')
    ),

    meant as (
        select
            *,
            min(case when is_same_amount then payment_day end) over (
                partition by use, document_id
            ) as first_exact_day,
            sum(case when is_same_amount then 1 else 0 end) over (
                partition by use, document_id
            ) as exact_claimants
        from named
        where (is_in_pool or has_own = 0) and (use, payment_id) not in (select use, document_id from named)
    ),

    claims as (
        select
            *,
            count(*) over (partition by use, document_id) as claimants,
            count(*) over (partition by use, payment_id) as documents_claimed
        from meant
        where use = 'bank' or exact_claimants < 2 or (is_same_amount and payment_day = first_exact_day)
    )
{% endmacro %}

{# Money in is no part of money out, whatever number both bear; a credit note is part of what a customer pays. #}
{% macro goes_one_way(use, payment_amount, document_amount) -%}
    ({{ use }} <> 'bank' or sign({{ payment_amount }}) = sign({{ document_amount }}))
{%- endmacro %}

{#
  Stage 1, references: the documents that a payment names add up to it, and no other payment names them; or the payments
  that name a document, and no other, add up to it.
#}
{% macro matched_by_reference(pairs) %}
    with
        {{ claims_of(pairs) }},

        payments as (
            select use, payment_id
            from claims
            group by use, payment_id, payment_amount
            having sum(document_amount) = payment_amount and max(claimants) = 1
        ),

        documents as (
            select use, document_id
            from claims
            group by use, document_id, document_amount
            having
                sum(payment_amount) = document_amount
                and max(documents_claimed) = 1
                and count(*) > 1
                -- What came, went back and came again is not one payment in three parts.
                and min(sign(payment_amount)) = max(sign(payment_amount))
        ),

        grouped as (
            select claims.*, claims.payment_id as group_id
            from claims
            inner join payments on claims.use = payments.use and claims.payment_id = payments.payment_id
            union all
            select claims.*, claims.document_id as group_id
            from claims
            inner join documents on claims.use = documents.use and claims.document_id = documents.document_id
        ),

        stage as (
            select
                *,
                'reference' as match_rule,
                'matched' as match_status,
                cast(null as string) as residual_reason,
                cast(null as decimal(9, 4)) as margin
            from grouped
        )

    select {{ stage_columns() }}
    from stage
{% endmacro %}

{#
  Stage 2, typed residuals: the documents that a payment names do not add up to it, and the difference has a name: a fee
  that the bank kept, a discount within its terms, rounding, exchange; or the document is paid in part. Without a name
  it is a proposal.
#}
{% macro matched_by_residual(pairs, documents, consumed) %}
    with
        settings as (select * from {{ source("settings", "matching") }}),

        {{ pairs_left(pairs, consumed) }},

        {{ claims_of("pairs") }},

        claims_with_terms as (
            select
                claims.*,
                documents.is_foreign,
                documents.discount_amount,
                coalesce(documents.discount_until >= claims.payment_day, false) as is_discount_due
            from claims
            inner join
                {{ documents }} as documents
                on claims.use = documents.use
                and claims.document_id = documents.document_id
        ),

        payments as (
            select
                use,
                payment_id,
                payment_amount,
                cast(sum(document_amount) as bigint) as documents_amount,
                cast(payment_amount - sum(document_amount) as bigint) as residual,
                cast(sum(discount_amount) as bigint) as discount_amount,
                min(case when is_discount_due then 1 else 0 end) as is_discount_due,
                min(abs(document_amount)) as least_document,
                count(*) as document_count,
                max(claimants) as claimants,
                min(case when is_same_party or party_basis is not null then 1 else 0 end) as is_known_party,
                max(case when use = 'bank' then abs(days) else 0 end) as days_apart,
                max(
                    case
                        when is_other_party or (words_compared > 0 and 2 * words_shared < words_compared)
                        then 1
                        else 0
                    end
                ) as is_contradicted,
                max(case when is_foreign then 1 else 0 end) as is_exchanged,
                max(abs(document_amount)) as greatest_document,
                max(case when length(reference_key) < 4 then 1 else 0 end) as has_short_key
            from claims_with_terms
            group by use, payment_id, payment_amount
        ),

        -- One of the same amount is near: then the number is likelier to be wrong than the amount.
        with_equals as (
            select distinct use, payment_id from pairs where is_same_amount and is_in_pool and not is_named
        ),

        explained as (
            select
                payments.*,
                with_equals.payment_id is not null as has_equal,
                case
                    when claimants > 1
                    then 'unexplained'
                    when sign(payment_amount) <> sign(documents_amount)
                    then 'unexplained'
                    when abs(residual) <= 100 * settings.largest_rounding
                    then 'rounding'
                    when is_discount_due = 1 and abs(residual + discount_amount) <= document_count
                    then 'discount'
                    when
                        is_exchanged = 1
                        and abs(residual) * 100 <= abs(documents_amount) * settings.largest_exchange_percent
                    then 'exchange'
                    when
                        residual < 0
                        and - residual <= 100 * settings.largest_fee
                        and - residual * 10 <= abs(documents_amount)
                        and (payments.use = 'bank' or is_exchanged = 1)
                        and days_apart <= 10
                    then 'bank_fee'
                    when payments.use <> 'bank' and residual < 0 and - residual < greatest_document
                    then 'short_payment'
                    when payments.use <> 'bank' and residual > 0
                    then 'over_payment'
                    else 'unexplained'
                end as residual_reason
            from payments
            cross join settings
            left join
                with_equals on payments.use = with_equals.use and payments.payment_id = with_equals.payment_id
            -- Of the same amount, it was booked the wrong way.
            where
                residual <> 0
                and (
                    {{ goes_one_way("payments.use", "payment_amount", "documents_amount") }}
                    or payment_amount = - documents_amount
                )
        ),

        stage as (
            select
                claims.*,
                claims.payment_id as group_id,
                'residual' as match_rule,
                case
                    when explained.has_equal or explained.is_contradicted = 1
                    then 'proposed'
                    when explained.residual_reason in ('bank_fee', 'rounding', 'discount', 'exchange')
                    then 'matched'
                    when
                        explained.residual_reason = 'short_payment'
                        and explained.is_known_party = 1
                        and explained.has_short_key = 0
                        and - explained.residual < explained.least_document
                    then 'matched'
                    else 'proposed'
                end as match_status,
                explained.residual_reason,
                cast(null as decimal(9, 4)) as margin
            from claims
            inner join explained on claims.use = explained.use and claims.payment_id = explained.payment_id
        )

    select {{ stage_columns() }}
    from stage
{% endmacro %}

{#
  Stage 3, amounts: a payment and a document of the same amount in one pool, each the other's best by far, where chance
  would hardly have brought them together.
#}
{% macro matched_by_amount(pairs, consumed) %}
    with
        settings as (select * from {{ source("settings", "matching") }}),

        {{ pairs_left(pairs, consumed) }},

        naming_others as (
            select distinct use, payment_id from pairs where is_named and is_in_pool and not is_same_amount
        ),

        equals as (
            select
                pairs.*,
                row_number() over (
                    partition by use, payment_id order by weight desc, document_id
                ) as payment_choice,
                row_number() over (
                    partition by use, document_id order by weight desc, payment_id
                ) as document_choice,
                lead(weight) over (
                    partition by use, payment_id order by weight desc, document_id
                ) as next_of_payment,
                lead(weight) over (
                    partition by use, document_id order by weight desc, payment_id
                ) as next_of_document
            from pairs
            -- Of equal instalments each payment in its turn settles the next.
            where is_same_amount and is_in_pool and is_in_turn = 1
        ),

        stage as (
            select
                equals.*,
                equals.payment_id as group_id,
                case when equals.use = 'bank' then 'amount' else 'party_amount' end as match_rule,
                'matched' as match_status,
                cast(null as string) as residual_reason,
                cast(
                    least(
                        weight - coalesce(next_of_payment, weight - 20),
                        weight - coalesce(next_of_document, weight - 20)
                    ) as decimal(9, 4)
                ) as margin
            from equals
            cross join settings
            left join
                naming_others
                on equals.use = naming_others.use
                and equals.payment_id = naming_others.payment_id
            where
                payment_choice = 1
                and document_choice = 1
                and accidents < settings.largest_accidents
                and (is_named or naming_others.payment_id is null)
        )

    select {{ stage_columns() }}
    from stage
    where margin >= {{ var("least_margin") }}
{% endmacro %}

{#
  Stage 0, decisions: what a reviewer accepted holds whatever the evidence. A decision of which a member is no longer to
  be matched (the books have settled it since) is not asked again.
#}
{% macro matched_by_decision(payments, documents) %}
    with
        decided as (
            select
                decisions.use,
                decisions.decision_id,
                payments.payment_id,
                documents.document_id,
                payments.amount as payment_amount,
                documents.amount as document_amount,
                {{ days_between("documents.day", "payments.day") }} as days,
                sum(
                    case when payments.payment_id is null or documents.document_id is null then 1 else 0 end
                ) over (partition by decisions.decision_id) as missing
            from {{ ref("int_decisions__pairs") }} as decisions
            left join
                {{ payments }} as payments
                on decisions.use = payments.use
                and decisions.payment_id = payments.payment_id
            left join
                {{ documents }} as documents
                on decisions.use = documents.use
                and decisions.document_id = documents.document_id
            where decisions.verdict = 'accepted'
        ),

        stage as (
            select
                *,
                decision_id as group_id,
                'decision' as match_rule,
                'matched' as match_status,
                cast(null as string) as residual_reason,
                cast(null as string) as reference_key,
                cast(null as bigint) as documents_named,
                cast(null as string) as party_basis,
                cast(null as bigint) as words_shared,
                cast(null as bigint) as words_compared,
                cast(0 as decimal(18, 9)) as accidents,
                cast(null as decimal(9, 4)) as margin
            from decided
            where missing = 0
        )

    select {{ stage_columns() }}
    from stage
{% endmacro %}
