-- Each step that joins to add columns keeps the rows of the step before: a join that multiplies them
-- doubles the receivables, one that loses them hides some.
{% set steps = [
    ("int_ledger__lines_identified", "int_ledger__lines_in_force", "1 = 1"),
    (
        "int_items__lines_typed",
        "int_ledger__lines_identified",
        "ledger_side is not null and not is_restatement",
    ),
    ("int_items__settlements", "int_lettering__settlements_replayed", "1 = 1"),
    ("int_bank__transactions", "int_bank__movements", "1 = 1"),
    ("dim_third_parties", "int_third_parties__listed", "1 = 1"),
    ("fct_ledger_lines", "int_ledger__lines_identified", "1 = 1"),
    ("fct_items", "int_items__posted", "1 = 1"),
    ("fct_open_items", "int_ageing__items_at_dates", "is_own_date"),
    ("int_items__settlements", "fct_settlements", "status = 'booked'"),
    ("int_settlements__solved", "fct_settlements", "status <> 'booked'"),
    ("fct_bank_transactions", "int_bank__transactions", "1 = 1"),
    ("fct_source_files", "stg_landing__source_files", "1 = 1"),
    ("fct_reconciliation_exceptions", "int_exceptions__listed", "1 = 1"),
] %}
with
    row_counts as (
        {% for after, before, kept in steps %}
            {% if not loop.first %}
                union all
            {% endif %}
            select
                '{{ after }}' as model_name,
                (select count(*) from {{ ref(before) }} where {{ kept }}) as expected_count,
                (select count(*) from {{ ref(after) }}) as row_count
        {% endfor %}
    )

select model_name, expected_count, row_count
from row_counts
where expected_count <> row_count
