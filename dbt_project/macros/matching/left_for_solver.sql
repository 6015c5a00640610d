{#
  What the stages in SQL have left, as `reconciliation.solver` reads it: what has something to meet on the other side, and
  how many of all that is left have the same amount. Who may pay for several parties, by an IBAN that they share, has a
  row for each; where only a name may be several parties', no sum is searched. With `named` it is told of a payment that
  its text names what is not left: an invoice has a number of its own, of which ledger lines of a bank account several
  may speak. `decided` is among the consumed: what a reviewer decided is in no pair.
#}
{% macro payments_left(
    payments, payment_pools, documents, document_pool, pairs, consumed, named=none, decided=none
) %}
    with
        consumed as ({{ consumed_by(consumed) }}),

        pools as (
            select *, count(*) over (partition by payment_id) as pools_met from {{ payment_pools }} as pools
        ),

        {% if named %}
            -- A number of the documents' kind that none of them has, or one of a document that is settled.
            naming_others as (
                select payment_id
                from {{ named }} as named
                where document_id is null
                union
                select payment_id
                from {{ pairs }} as pairs
                where is_named and (use, document_id) in (select use, row_id from consumed)
                union
                select payment_id
                from {{ named }} as named
                where
                    documents_named = 1
                    and length(reference_key) >= 5
                    and reference_key not like '#%'
                    and document_id in (select document_id from {{ decided }} as decided)
            ),
        {% endif %}

        left_over as (
            select
                payments.use,
                payments.payment_id,
                coalesce(pools.pool_id, payments.payment_id) as pool_id,
                payments.party_id,
                payments.amount,
                payments.day,
                payments.bundle_id,
                {% if named %} naming_others.payment_id is not null
                {% else %} false
                {% endif %} as names_other
            from {{ payments }} as payments
            left join
                pools
                on payments.payment_id = pools.payment_id
                and (pools.pools_met = 1 or pools.party_basis in ('iban', 'alias'))
            {%- if named %}
                left join naming_others on payments.payment_id = naming_others.payment_id
            {%- endif %}
            where (payments.use, payments.payment_id) not in (select use, row_id from consumed)
        ),

        {{ counted("left_over") }}

    select use, payment_id, pool_id, party_id, amount, day, bundle_id, names_other, same_amount, row_count
    from counted
    where
        payment_id in (
            select payment_id
            from pools
            where
                pool_id
                in (select {{ document_pool }} from {{ documents }} where {{ document_pool }} is not null)
        )
        or payment_id in (select payment_id from {{ pairs }})
{% endmacro %}

{% macro documents_left(documents, pool, payments_left, payment_pools, pairs, consumed) %}
    with
        consumed as ({{ consumed_by(consumed) }}),

        left_over as (
            select
                documents.use,
                documents.document_id,
                documents.{{ pool }} as pool_id,
                documents.party_id,
                documents.amount,
                documents.day,
                documents.due_date,
                documents.bundle_id,
                -- In the books, what is voided stands against what came before.
                case
                    when documents.use = 'receipt' and documents.is_money_back
                    then {{ plus_days("documents.entry_day", 1) }}
                end as not_before,
                documents.place
            from {{ documents }} as documents
            where
                documents.{{ pool }} is not null
                and (documents.use, documents.document_id) not in (select use, row_id from consumed)
        ),

        {{ counted("left_over") }},

        payments as (select distinct payment_id from {{ payments_left }})

    select
        use,
        document_id,
        pool_id,
        party_id,
        amount,
        day,
        due_date,
        bundle_id,
        not_before,
        same_amount,
        row_count,
        place
    from counted
    where
        pool_id in (
            select pools.pool_id
            from {{ payment_pools }} as pools
            inner join payments on pools.payment_id = payments.payment_id
        )
        or document_id in (
            select pairs.document_id
            from {{ pairs }} as pairs
            inner join payments on pairs.payment_id = payments.payment_id
        )
{% endmacro %}

{# CTE `counted`: the rows of a relation with how many of their use have their amount, and how many there are. #}
{% macro counted(relation) %}
    amounts as (select use, amount, count(*) as same_amount from {{ relation }} group by use, amount),

    totals as (select use, count(*) as row_count from {{ relation }} group by use),

    counted as (
        select {{ relation }}.*, amounts.same_amount, totals.row_count
        from {{ relation }}
        inner join amounts on {{ relation }}.use = amounts.use and {{ relation }}.amount = amounts.amount
        inner join totals on {{ relation }}.use = totals.use
    )
{% endmacro %}

{# A select of what stages have matched, on either side: a credit note is a payment and a document, and counts once. #}
{% macro consumed_by(stages) %}
    {% for stage in stages %}
        select use, payment_id as row_id
        from {{ stage }}
        where match_status = 'matched'
        union all
        select use, document_id as row_id
        from {{ stage }}
        where match_status = 'matched' {{ "union all" if not loop.last }}
    {% endfor %}
{% endmacro %}

{#
  The candidate pairs among what is left, and beside them what only a person can judge: a payer who is known, and a
  document of theirs that is somewhat greater than the payment, as after a deduction that nobody has explained. Discounts
  are round rates.
#}
{% macro pairs_left_for_solver(pairs, payments_left, documents_left, payment_pools, rejected) %}
    with
        payments as (select distinct use, payment_id, amount, day from {{ payments_left }}),

        documents as (select * from {{ documents_left }}),

        candidates as (
            select
                pairs.use,
                pairs.payment_id,
                pairs.document_id,
                pairs.weight,
                pairs.is_named,
                pairs.is_same_amount
            from {{ pairs }} as pairs
            where
                (pairs.is_in_pool or pairs.use = 'receipt')
                and {{ goes_one_way("pairs.use", "pairs.payment_amount", "pairs.document_amount") }}
                and (pairs.use, pairs.payment_id) in (select use, payment_id from payments)
                and (pairs.use, pairs.document_id) in (select use, document_id from documents)
        ),

        near as (
            select
                payments.use,
                payments.payment_id,
                documents.document_id,
                documents.amount - payments.amount as lacking,
                documents.amount as document_amount,
                count(*) over (partition by payments.use, payments.payment_id) as greater_documents,
                row_number() over (
                    partition by payments.use, payments.payment_id
                    order by documents.amount, documents.day, documents.document_id
                ) as choice
            from payments
            inner join {{ payment_pools }} as pools on payments.payment_id = pools.payment_id
            inner join
                documents
                on payments.use = documents.use
                and pools.pool_id = documents.pool_id
                and documents.amount > payments.amount
                and documents.day <= payments.day
            where
                payments.use <> 'bank'
                and pools.party_basis is not null
                and not exists (
                    select 1
                    from {{ rejected }} as decisions
                    where
                        decisions.verdict = 'rejected'
                        and decisions.payment_id = payments.payment_id
                        and decisions.document_id = documents.document_id
                )
        )

    select use, payment_id, document_id, weight, is_named, is_same_amount
    from candidates
    union all
    select
        use,
        payment_id,
        document_id,
        cast(
            case
                -- A whole or a half per cent, up to five.
                when
                    lacking * 20 <= document_amount
                    and abs(
                        lacking * 200
                        - round({{ ratio("lacking * 200", "document_amount") }}) * document_amount
                    )
                    <= 200
                then 1.0
                when lacking * 5 < document_amount
                then -1.0
                else -2.0
            end as decimal(9, 4)
        ) as weight,
        false as is_named,
        false as is_same_amount
    from near
    where
        choice <= 2
        and (lacking * 5 < document_amount or greater_documents <= 2)
        and not exists (
            select 1
            from candidates
            where
                candidates.use = near.use
                and candidates.payment_id = near.payment_id
                and candidates.document_id = near.document_id
        )
{% endmacro %}
