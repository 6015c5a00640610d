"""The collection forecast on a public set of invoices with true settlement dates, through the whole pipeline."""

from pathlib import Path

from benchmarks.forecast import PUBLIC_SET, measure_public_set


def test_the_forecast_beats_simple_ones_by_a_fifth_and_its_band_holds(corpora: Path, tmp_path: Path) -> None:
    """Month-ends of two years, four weeks each, with nothing of what came later."""
    scored = measure_public_set(tmp_path, corpora / PUBLIC_SET)
    simple = (
        *(scored.due_date, scored.due_date_at_once),
        *(scored.average_lateness, scored.average_lateness_at_once),
    )
    assert scored.weeks > 80
    assert scored.forecast < 0.8 * min(simple)
    assert 0.75 <= scored.held <= 0.85
    # In later weeks there is more to wait for and less to come: their band holds more than it has to.
    assert scored.later < scored.later_average_lateness
    assert scored.later_held > 0.75
