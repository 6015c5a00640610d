{#
  What the stages in SQL have left, as `reconciliation.solver` reads it. Who may pay for several parties has a pool for
  each: only one that is alone can be searched for sums, since a sum must not take from two customers by chance.
#}
{% macro payments_left(payments, payment_pools, consumed) %}
    with
        consumed as (
            {% for stage in consumed %}
                select use, payment_id
                from {{ stage }}
                where match_status = 'matched' {{ "union" if not loop.last }}
            {% endfor %}
        ),

        pools as (
            select payment_id, min(pool_id) as pool_id
            from {{ payment_pools }} as pools
            group by payment_id
            having count(distinct pool_id) = 1
        )

    select
        payments.use,
        payments.payment_id,
        coalesce(pools.pool_id, payments.payment_id) as pool_id,
        payments.amount,
        payments.day,
        payments.bundle_id
    from {{ payments }} as payments
    left join pools on payments.payment_id = pools.payment_id
    where
        not exists (
            select 1
            from consumed
            where consumed.use = payments.use and consumed.payment_id = payments.payment_id
        )
{% endmacro %}

{% macro documents_left(documents, pool, consumed) %}
    with
        consumed as (
            {% for stage in consumed %}
                select use, document_id
                from {{ stage }}
                where match_status = 'matched' {{ "union" if not loop.last }}
            {% endfor %}
        )

    select
        documents.use,
        documents.document_id,
        {{ pool }} as pool_id,
        documents.amount,
        documents.day,
        documents.due_date,
        documents.bundle_id
    from {{ documents }} as documents
    where
        {{ pool }} is not null
        and not exists (
            select 1
            from consumed
            where consumed.use = documents.use and consumed.document_id = documents.document_id
        )
{% endmacro %}
