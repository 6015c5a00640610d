-- Which third parties a payer's name is like, where nothing better says who it is: a row per name and
-- third party. Words weigh by how rare they are among the third parties' names, so that a legal form or a
-- town says little; a word that is cut short (a bank keeps 24 to 35 characters) counts as the one that it
-- begins.
with
    unknown as (
        select *
        from {{ ref("int_receipts__payments") }} as payments
        where
            not exists (
                select 1
                from {{ ref("int_receipts__payers_known") }} as known
                where known.payment_id = payments.payment_id
            )
    ),

    payers as (
        select distinct
            company_id,
            case when block_id like '%|receivable' then 'customer' else 'supplier' end as kind,
            payer_name,
            true as is_name
        from unknown
        where payer_name <> ''
        union
        select distinct
            company_id,
            case when block_id like '%|receivable' then 'customer' else 'supplier' end as kind,
            words_text as payer_name,
            false as is_name
        from unknown
        where words_text <> ''
    ),

    parties as (
        select company_id, kind, third_party_id, {{ plain_text("name") }} as party_name
        from {{ ref("int_third_parties__listed") }}
    ),

    payer_words as (
        select distinct company_id, kind, payer_name, is_name, word
        from ({{ words_of("payers", "company_id, kind, payer_name, is_name", "payer_name") }}) as words
        where word <> ''
    ),

    party_words as (
        select distinct company_id, kind, third_party_id, word
        from ({{ words_of("parties", "company_id, kind, third_party_id", "party_name") }}) as words
        where word <> ''
    ),

    party_initials as (
        select
            company_id,
            kind,
            third_party_id,
            {{ joined_in_order("substr(word, 1, 1)", "position") }} as initials
        from ({{ words_of("parties", "company_id, kind, third_party_id", "party_name") }}) as words
        where word <> ''
        group by company_id, kind, third_party_id
    ),

    initials_once as (
        select company_id, kind, initials, min(third_party_id) as third_party_id
        from party_initials
        where length(initials) >= 3
        group by company_id, kind, initials
        having count(*) = 1
    ),

    party_counts as (select company_id, kind, count(*) as party_count from parties group by company_id, kind),

    word_weights as (
        select
            party_words.company_id,
            party_words.kind,
            party_words.word,
            count(*) as parties_with_word,
            cast(ln(max(party_counts.party_count) + 1) - ln(count(*)) as decimal(9, 4)) as weight
        from party_words
        inner join
            party_counts
            on party_words.company_id = party_counts.company_id
            and party_words.kind = party_counts.kind
        group by party_words.company_id, party_words.kind, party_words.word
    ),

    -- They share a word that is not everybody's.
    candidates as (
        select distinct
            payer_words.company_id,
            payer_words.kind,
            payer_words.payer_name,
            payer_words.is_name,
            party_words.third_party_id
        from payer_words
        inner join
            word_weights
            on payer_words.company_id = word_weights.company_id
            and payer_words.kind = word_weights.kind
            and payer_words.word = word_weights.word
            and word_weights.parties_with_word <= 50
        inner join
            party_words
            on payer_words.company_id = party_words.company_id
            and payer_words.kind = party_words.kind
            and payer_words.word = party_words.word
    ),

    party_totals as (
        select party_words.third_party_id, sum(word_weights.weight) as total_weight
        from party_words
        inner join
            word_weights
            on party_words.company_id = word_weights.company_id
            and party_words.kind = word_weights.kind
            and party_words.word = word_weights.word
        group by party_words.third_party_id
    ),

    -- What of the party's name the payer's has: a word whole, or its beginning.
    covered as (
        select
            candidates.company_id,
            candidates.kind,
            candidates.payer_name,
            candidates.is_name,
            candidates.third_party_id,
            party_words.word as party_word,
            max(
                case
                    when payer_words.word = party_words.word
                    then 1.0
                    when candidates.is_name and party_words.word like concat(payer_words.word, '%')
                    then 0.8
                    else 0.0
                end
            ) as likeness
        from candidates
        inner join party_words on candidates.third_party_id = party_words.third_party_id
        inner join
            payer_words
            on candidates.company_id = payer_words.company_id
            and candidates.kind = payer_words.kind
            and candidates.payer_name = payer_words.payer_name
            and substr(payer_words.word, 1, 1) = substr(party_words.word, 1, 1)
        group by
            candidates.company_id,
            candidates.kind,
            candidates.payer_name,
            candidates.is_name,
            candidates.third_party_id,
            party_words.word
    ),

    -- What the payer's name has beside: words that no other party has weigh as much as the rarest.
    foreign_words as (
        select
            candidates.company_id,
            candidates.kind,
            candidates.payer_name,
            candidates.third_party_id,
            sum(coalesce(word_weights.weight, 2.0)) as foreign_weight
        from candidates
        inner join
            payer_words
            on candidates.company_id = payer_words.company_id
            and candidates.kind = payer_words.kind
            and candidates.payer_name = payer_words.payer_name
        left join
            word_weights
            on payer_words.company_id = word_weights.company_id
            and payer_words.kind = word_weights.kind
            and payer_words.word = word_weights.word
        where
            candidates.is_name
            and not exists (
                select 1
                from party_words
                where
                    party_words.third_party_id = candidates.third_party_id
                    and party_words.word like concat(payer_words.word, '%')
            )
        group by candidates.company_id, candidates.kind, candidates.payer_name, candidates.third_party_id
    ),

    scored as (
        select
            covered.company_id,
            covered.kind,
            covered.payer_name,
            covered.third_party_id,
            cast(
                {{
                    ratio(
                        "sum(covered.likeness * word_weights.weight)",
                        "(max(party_totals.total_weight) + coalesce(max(foreign_words.foreign_weight), 0) * 0.5)",
                    )
                }}
                as decimal(9, 4)
            ) as similarity,
            case
                when
                    min(case when covered.is_name then 1 else 0 end) = 1
                    and max(foreign_words.foreign_weight) is null
                then 1
                else 0
            end as is_whole
        from covered
        inner join
            word_weights
            on covered.company_id = word_weights.company_id
            and covered.kind = word_weights.kind
            and covered.party_word = word_weights.word
        inner join party_totals on covered.third_party_id = party_totals.third_party_id
        left join
            foreign_words
            on covered.company_id = foreign_words.company_id
            and covered.kind = foreign_words.kind
            and covered.payer_name = foreign_words.payer_name
            and covered.third_party_id = foreign_words.third_party_id
        group by covered.company_id, covered.kind, covered.payer_name, covered.third_party_id
    ),

    alike as (
        select
            scored.company_id,
            scored.kind,
            scored.payer_name,
            scored.third_party_id,
            scored.similarity,
            scored.is_whole
        from scored
        where scored.similarity >= 0.3
        union all
        -- Initials: `RFS INC` is Redwood Financial Services, where nobody else has them.
        select
            payer_words.company_id,
            payer_words.kind,
            payer_words.payer_name,
            initials_once.third_party_id,
            cast(0.7 as decimal(9, 4)) as similarity,
            0 as is_whole
        from payer_words
        inner join
            initials_once
            on payer_words.company_id = initials_once.company_id
            and payer_words.kind = initials_once.kind
            and payer_words.word = initials_once.initials
        where payer_words.is_name
    )

select company_id, kind, payer_name, third_party_id, max(similarity) as similarity, max(is_whole) as is_whole
from alike
group by company_id, kind, payer_name, third_party_id
