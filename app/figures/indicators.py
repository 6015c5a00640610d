"""The indicators of receivables at each month-end, of companies and agencies."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.figures.marts import PinnedHome, rows

Rows = Sequence[Mapping[str, Any]]


def indicators(home: PinnedHome) -> Rows:
    """Rows of ``fct_receivable_kpis`` of companies and agencies with their currency_code, oldest first."""
    return rows(
        home,
        """
        SELECT kpis.*, kpis.base_currency AS currency_code FROM fct_receivable_kpis AS kpis
        WHERE level IN ('company', 'agency') ORDER BY company_id, level, level_key, as_of_date
        """,
    )
