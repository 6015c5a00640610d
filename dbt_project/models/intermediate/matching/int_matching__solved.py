"""What the stages of the first pass have left, solved: one row per member of a match group, amounts in cents.

The rules are in ``reconciliation.solver``; this model only hands it the tables.
"""

from reconciliation.solver import DOCUMENTS, PAIRS, PAYMENTS, REJECTED, solve


def model(dbt, session):
    """One row per member: what the solver says of its group, side, object_id, amount (cents)."""
    dbt.config(materialized="table")
    settings = dbt.source("settings", "matching")  # noqa: F841 - DuckDB reads these relations by name
    decisions = dbt.ref("int_decisions__pairs")  # noqa: F841
    groups, members = solve(
        dbt.ref("int_matching__payments_left").to_arrow_table().cast(PAYMENTS),
        dbt.ref("int_matching__documents_left").to_arrow_table().cast(DOCUMENTS),
        dbt.ref("int_matching__pairs_left").to_arrow_table().cast(PAIRS),
        session.sql("select payment_id, document_id from decisions where verdict = 'rejected'")
        .to_arrow_table()
        .cast(REJECTED),
        gate=session.sql("select largest_accidents from settings").fetchone()[0],
    )
    solved = members.join(groups, "group_number", join_type="inner")  # noqa: F841
    return session.sql(
        """
        select
            group_number, use, rule, status, rank, alternatives + 1 as alternatives,
            case when accidents is not null then cast(least(accidents, 999) as decimal(18, 9)) end as accidents,
            cast(margin as decimal(9, 4)) as margin,
            cast(weight as decimal(9, 4)) as weight,
            pool_size, side, object_id, amount
        from solved
        """
    ).to_arrow_table()
