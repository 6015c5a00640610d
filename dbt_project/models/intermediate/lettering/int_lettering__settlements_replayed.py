"""Replays the lettering groups: one row per pair of items, amount in cents and effective date.

The rule is ``reconciliation.lettering.replay``; this model only hands it the tables.
"""

from reconciliation.lettering import ITEMS, MEMBERS, RESTATEMENTS, replay


def model(dbt, session):
    """One row per settlement: owed_item_id, settling_item_id, amount (cents), effective_date."""
    dbt.config(materialized="table")
    items = dbt.ref("int_items__posted")  # noqa: F841 - DuckDB reads these relations by name
    groups = dbt.ref("int_lettering__groups")  # noqa: F841
    lines = dbt.ref("int_ledger__lines_identified")  # noqa: F841
    lettered_units = session.sql(  # noqa: F841 - as above
        """
        select distinct concat_ws('|', lines.third_party_id, lines.account_code) as unit_id
        from groups inner join lines on groups.ledger_line_id = lines.ledger_line_id
        where groups.is_restatement
        """
    )
    needed_items = session.sql(
        """
        select
            item_id, ledger_line_id, unit_id, fiscal_year_end_date, entry_date,
            cast(original_amount * 100 as bigint) as amount,
            document_ref, document_date, due_date, entry_number, source_row, is_opening_difference
        from items
        where
            ledger_line_id in (select ledger_line_id from groups)
            or unit_id in (select unit_id from lettered_units)
        order by unit_id, entry_date, source_row, item_id
        """
    )
    members = session.sql(
        """
        select ledger_line_id, lettering_group, group_balance = 0 as is_balanced
        from groups
        order by lettering_group, ledger_line_id
        """
    )
    restatements = session.sql(
        """
        select
            ledger_line_id, concat_ws('|', third_party_id, account_code) as unit_id, fiscal_year_end_date,
            cast(side_amount * 100 as bigint) as amount, document_ref, document_date
        from lines
        where
            is_restatement and ledger_side is not null
            and concat_ws('|', third_party_id, account_code) in (select unit_id from lettered_units)
        order by unit_id, fiscal_year_end_date, source_row, ledger_line_id
        """
    )
    return replay(
        needed_items.to_arrow_table().cast(ITEMS),
        members.to_arrow_table().cast(MEMBERS),
        restatements.to_arrow_table().cast(RESTATEMENTS),
    )
