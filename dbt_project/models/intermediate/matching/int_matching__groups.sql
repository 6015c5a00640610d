-- One row per match group, matched or proposed: what each side adds up to, what is left and why, by which
-- rule, how probable it is, and the evidence. The score is how often matches of the same rule and
-- strength were right where the truth is known (seed match_calibration).
with
    members as (select * from {{ ref("int_matching__members_found") }}),

    settings as (select * from {{ source("settings", "matching") }}),

    foreign_documents as (
        {% for relation in ["int_matching__documents", "int_receipts__documents"] %}
            select use, document_id
            from {{ ref(relation) }}
            where is_foreign {{ "union all" if not loop.last }}
        {% endfor %}
    ),

    grouped as (
        select
            members.match_id,
            min(members.use) as use,
            min(members.match_rule) as match_rule,
            min(members.match_status) as match_status,
            min(members.residual_reason) as residual_reason,
            min(members.rank) as rank,
            max(members.alternatives) as alternatives,
            min(members.reference_key) as reference_key,
            max(members.documents_named) as documents_named,
            min(members.party_basis) as party_basis,
            max(members.words_shared) as words_shared,
            max(members.words_compared) as words_compared,
            max(members.days) as days,
            max(members.accidents) as accidents,
            min(members.margin) as margin,
            max(members.weight) as weight,
            max(members.pool_size) as pool_size,
            sum(case when members.side = 'payment' then 1 else 0 end) as payment_count,
            sum(case when members.side = 'document' then 1 else 0 end) as document_count,
            cast(
                sum(case when members.side = 'payment' then members.amount else 0 end) as bigint
            ) as payment_amount,
            cast(
                sum(case when members.side = 'document' then members.amount else 0 end) as bigint
            ) as document_amount,
            min(case when members.side = 'payment' then members.object_id end) as first_payment_id,
            min(case when members.side = 'document' then members.object_id end) as first_document_id,
            max(case when foreign_documents.document_id is not null then 1 else 0 end) as is_foreign
        from members
        left join
            foreign_documents
            on members.use = foreign_documents.use
            and members.side = 'document'
            and members.object_id = foreign_documents.document_id
        group by members.match_id
    ),

    -- Lines of the books that undo each other have no payment.
    first_rows as (
        {% for relation in ["int_matching__payments", "int_receipts__payments"] %}
            select grouped.match_id, payments.company_id, payments.bank_account_id
            from grouped
            inner join
                {{ ref(relation) }} as payments
                on grouped.use = payments.use
                and grouped.first_payment_id = payments.payment_id
            union all
        {% endfor %}
        select grouped.match_id, documents.company_id, documents.bank_account_id
        from grouped
        inner join
            {{ ref("int_matching__documents") }} as documents
            on grouped.use = documents.use
            and grouped.first_document_id = documents.document_id
            and grouped.first_payment_id is null
    ),

    -- What the solver and reviewers leave has its name by its size alone.
    explained as (
        select
            grouped.*,
            first_rows.company_id,
            first_rows.bank_account_id,
            payment_amount - document_amount as residual,
            case
                when payment_amount = document_amount or payment_count = 0 or document_count = 0
                then null
                when residual_reason is not null
                then residual_reason
                when abs(payment_amount - document_amount) <= 100 * settings.largest_rounding
                then 'rounding'
                when
                    use = 'bank'
                    and payment_amount < document_amount
                    and document_amount - payment_amount <= 100 * settings.largest_fee
                    and (document_amount - payment_amount) * 10 <= abs(document_amount)
                then 'bank_fee'
                when use = 'bank'
                then 'unexplained'
                when
                    is_foreign = 1
                    and abs(payment_amount - document_amount) * 100
                    <= abs(document_amount) * settings.largest_exchange_percent
                then 'exchange'
                when payment_amount < document_amount
                then 'short_payment'
                else 'over_payment'
            end as residual_name,
            case
                when match_status = 'matched'
                then 'matched'
                when alternatives > 1
                then 'several'
                when rank > 1
                then 'other'
                when payment_amount <> document_amount
                then 'residual'
                -- No rival has its very weight, and yet it is no likelier than an accident.
                when weight < ln(2)
                then 'several'
                else 'alone'
            end as evidence_band
        from grouped
        cross join settings
        left join first_rows on grouped.match_id = first_rows.match_id
    ),

    scores as (select * from {{ ref("match_calibration") }}),

    decisions as (
        select decision_id, min(decided_by) as decided_by, min(decided_on) as decided_on
        from {{ ref("int_decisions__pairs") }}
        where verdict = 'accepted'
        group by decision_id
    ),

    decided as (
        select members.match_id, decisions.decided_by, decisions.decided_on
        from {{ ref("int_matching__members_found") }} as members
        inner join
            decisions
            on members.match_rule = 'decision'
            and members.group_key = concat_ws('|', members.use, 'decision', decisions.decision_id)
        group by members.match_id, decisions.decided_by, decisions.decided_on
    ),

    scored as (
        select
            explained.*,
            cast(
                case
                    when explained.match_rule = 'decision'
                    then 1
                    when explained.evidence_band = 'several'
                    then
                        {{
                            ratio(
                                "coalesce(own.score, of_rule.score, general.score)",
                                "explained.alternatives",
                            )
                        }}
                    else coalesce(own.score, of_rule.score, general.score)
                end as decimal(5, 4)
            ) as match_score
        from explained
        left join
            scores as own
            on explained.use = own.use
            and explained.match_rule = own.match_rule
            and explained.evidence_band = own.evidence_band
        left join
            scores as of_rule
            on of_rule.use = 'any'
            and explained.match_rule = of_rule.match_rule
            and explained.evidence_band = of_rule.evidence_band
        inner join
            scores as general
            on general.match_rule = 'any'
            and general.use = 'any'
            and explained.evidence_band = general.evidence_band
    ),

    ranked as (
        select
            *,
            row_number() over (
                partition by match_status, use, coalesce(first_payment_id, match_id)
                -- What alone reaches the amount comes before what differs from it, however often that is
                -- right.
                order by
                    case when evidence_band = 'alone' and residual = 0 then 0 else 1 end,
                    match_score desc,
                    rank,
                    weight desc,
                    match_id
            ) as choice
        from scored
    )

select
    ranked.match_id,
    ranked.use,
    ranked.company_id,
    ranked.bank_account_id,
    ranked.match_status,
    ranked.match_rule,
    ranked.evidence_band,
    ranked.match_score,
    case
        when ranked.payment_count = 0 or ranked.document_count = 0
        then 'offset'
        else
            concat(
                case when ranked.payment_count = 1 then '1' else 'n' end,
                ':',
                case
                    when ranked.document_count = 1 then '1' when ranked.payment_count = 1 then 'n' else 'm'
                end
            )
    end as match_cardinality,
    {{ major_units("ranked.payment_amount") }} as payment_amount,
    {{ major_units("ranked.document_amount") }} as document_amount,
    {{ major_units("ranked.residual") }} as residual_amount,
    ranked.residual_name as residual_reason,
    cast(ranked.choice as integer) as rank,
    {{
        json_object(
            [
                ("rule", "ranked.match_rule", "text"),
                ("reference", "ranked.reference_key", "text"),
                ("reference_frequency", "ranked.documents_named", "figure"),
                ("party_basis", "ranked.party_basis", "text"),
                ("words_shared", "nullif(ranked.words_shared, 0)", "figure"),
                ("words_compared", "nullif(ranked.words_compared, 0)", "figure"),
                ("days", "ranked.days", "figure"),
                ("alternatives", "nullif(ranked.alternatives - 1, 0)", "figure"),
                ("accidents", "ranked.accidents", "figure"),
                ("pool_size", "ranked.pool_size", "figure"),
                ("margin", "ranked.margin", "figure"),
                ("decided_by", "decided.decided_by", "text"),
                ("decided_on", "cast(decided.decided_on as string)", "text"),
            ]
        )
    }} as evidence
from ranked
left join decided on ranked.match_id = decided.match_id
where ranked.match_status = 'matched' or ranked.choice <= {{ var("most_proposals") }}
