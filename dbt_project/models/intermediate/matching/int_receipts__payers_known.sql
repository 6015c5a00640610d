-- Who has sent a payment, where that is known: a row per payment and third party, by the strongest
-- evidence. What a reviewer said of the payer, the IBAN of the third party, an IBAN or a name that has
-- paid for it before (in the matches of the first pass), and last how alike the names are.
with
    payments as (
        select *, case when block_id like '%|receivable' then 'customer' else 'supplier' end as kind
        from {{ ref("int_receipts__payments") }}
    ),

    matched_lines as (
        select payments.object_id as bank_transaction_id, ledger.party_id as third_party_id
        from {{ ref("int_matching__found") }} as payments
        inner join
            {{ ref("int_matching__found") }} as documents
            on payments.group_key = documents.group_key
            and documents.side = 'document'
        inner join
            {{ ref("int_matching__documents") }} as ledger
            on documents.object_id = ledger.document_id
            and ledger.use = 'bank'
        where
            payments.use = 'bank'
            and payments.side = 'payment'
            and payments.match_status = 'matched'
            and ledger.party_id is not null
    ),

    seen as (
        select
            transactions.company_id,
            matched_lines.third_party_id,
            parties.kind,
            {{ replace_all("upper(transactions.counterparty_iban)", "'[^0-9A-Z]'", "''") }} as payer_iban,
            {{ plain_text("transactions.counterparty_name") }} as payer_name
        from matched_lines
        inner join
            {{ ref("int_bank__transactions") }} as transactions
            on matched_lines.bank_transaction_id = transactions.bank_transaction_id
        inner join
            {{ ref("int_third_parties__listed") }} as parties
            on matched_lines.third_party_id = parties.third_party_id
    ),

    aliases as (select * from {{ ref("int_decisions__aliases") }}),

    evidence as (
        select payments.payment_id, aliases.third_party_id, 1 as strength, 'alias' as party_basis
        from payments
        inner join
            aliases
            on payments.company_id = aliases.company_id
            and payments.kind = aliases.kind
            and (
                payments.payer_iban = aliases.payer_iban
                or payments.payer_name = {{ plain_text("aliases.payer_name") }}
            )
        union
        select payments.payment_id, ibans.third_party_id, 2 as strength, 'iban' as party_basis
        from payments
        inner join
            {{ ref("int_third_parties__ibans") }} as ibans
            on payments.company_id = ibans.company_id
            and payments.kind = ibans.kind
            and payments.payer_iban = ibans.iban
        union
        select payments.payment_id, seen.third_party_id, 2 as strength, 'iban' as party_basis
        from payments
        inner join
            seen
            on payments.company_id = seen.company_id
            and payments.kind = seen.kind
            and payments.payer_iban = seen.payer_iban
        union
        select payments.payment_id, seen.third_party_id, 3 as strength, 'name' as party_basis
        from payments
        inner join
            seen
            on payments.company_id = seen.company_id
            and payments.kind = seen.kind
            and payments.payer_name = seen.payer_name
        where payments.payer_name <> ''
    ),

    strongest as (select payment_id, min(strength) as strength from evidence group by payment_id)

select evidence.payment_id, evidence.third_party_id, evidence.strength, evidence.party_basis
from evidence
inner join strongest on evidence.payment_id = strongest.payment_id and evidence.strength = strongest.strength
