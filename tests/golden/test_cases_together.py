"""What holds of every case at once: the runs publish, and nothing that is our own arithmetic fails."""

from orchestration.run import Outcome
from tests.golden.books import Build


def test_every_refresh_publishes(as_of: dict[str, Build], known_at: dict[str, Build]) -> None:
    for build in (*as_of.values(), *known_at.values()):
        assert build.refreshed.outcome is Outcome.PUBLISHED, build.refreshed.reasons


def test_no_blocking_control_total_fails(as_of: dict[str, Build], known_at: dict[str, Build]) -> None:
    for build in (*as_of.values(), *known_at.values()):
        failed = build.of("").rows(
            """
            SELECT company_id, control_name, subject, expected, actual FROM fct_control_totals
            WHERE is_blocking AND NOT passed
            """
        )
        assert failed == []
