-- What counts: the lines of statements and reports, and those of notifications that stand in the stead of
-- such a line or count themselves. Details are of the statement and the day of the movement that they
-- detail.
{% set columns = [
    "line_key",
    "company_id",
    "account_number",
    "bank_entry_reference",
    "value_date",
    "amount",
    "currency_code",
    "is_reversal",
    "bank_transaction_code",
    "remittance_text",
    "structured_reference",
    "end_to_end_id",
    "counterparty_name",
    "counterparty_iban",
    "return_reason",
    "source_file",
    "source_row",
] %}
with
    counted as (select * from {{ ref("int_bank__transactions_counted") }} where showing = 1),

    lines as (select * from {{ ref("int_bank__lines_keyed") }} where statement_kind = 'notification'),

    notified as (select * from {{ ref("int_bank__entries_notified") }} where outcome in ('details', 'counts'))

select
    counted.statement_id,
    counted.booking_date,
    counted.occurrence,
    false as is_notified,
    {% for column in columns %} counted.{{ column }}{{ "," if not loop.last }} {% endfor %}
from counted
left join
    notified
    on counted.line_key = notified.movement_line_key
    and counted.occurrence = notified.movement_occurrence
where notified.movement_line_key is null

union all

select
    coalesce(counted.statement_id, lines.statement_id) as statement_id,
    coalesce(counted.booking_date, lines.booking_date) as booking_date,
    row_number() over (
        partition by lines.line_key
        order by lines.intake_number, lines.statement_id, lines.entry_ordinal, lines.detail_ordinal
    ) as occurrence,
    true as is_notified,
    {% for column in columns %} lines.{{ column }}{{ "," if not loop.last }} {% endfor %}
from lines
inner join
    notified
    on lines.source_sha256 = notified.source_sha256
    and lines.statement_ordinal = notified.statement_ordinal
    and lines.entry_ordinal = notified.entry_ordinal
left join
    counted
    on notified.movement_line_key = counted.line_key
    and notified.movement_occurrence = counted.occurrence
