-- Which third parties a payer's name is like: a row per name and third party, those within a tenth of the
-- best.
-- Words weigh by how rare they are among the third parties' names, so that a legal form or a town says
-- little; a
-- word that is cut short (a bank keeps 24 to 35 characters) counts as the one that it begins.
with
    payers as (
        select distinct
            company_id,
            case when block_id like '%|receivable' then 'customer' else 'supplier' end as kind,
            coalesce(nullif(payer_name, ''), words_text) as payer_name,
            payer_name <> '' as is_name
        from {{ ref("int_receipts__payments") }}
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
            ) as similarity
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

    best as (
        select company_id, kind, payer_name, max(similarity) as similarity
        from scored
        group by company_id, kind, payer_name
    )

select scored.company_id, scored.kind, scored.payer_name, scored.third_party_id, scored.similarity
from scored
inner join
    best
    on scored.company_id = best.company_id
    and scored.kind = best.kind
    and scored.payer_name = best.payer_name
where scored.similarity >= 0.6 and scored.similarity >= best.similarity - 0.1
