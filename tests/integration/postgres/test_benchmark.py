"""The benchmark of publishing fails by what a reader would notice."""

import time

import psycopg
import pytest

from benchmarks.postgres import Readers, Waits, failures, reader
from tests.integration.postgres.conftest import Warehouse, marts

FINE = Waits(answers=1000, longest_ms=99.0, locked_out=0)
WHOLE = Readers(publications=10, transactions=1000, torn=0, errors=())


def test_a_long_wait_is_measured_from_the_question_to_the_answer(warehouse: Warehouse) -> None:
    """Nobody can read a mart for 300 ms, and the reader gives up waiting for his lock every 10 ms."""
    aged = {"mart_aged_balance": "SELECT 'acme/customer/1' AS third_party_id"}
    warehouse.publish("r1", marts("r1") | aged)
    with reader(warehouse.url) as waits, psycopg.connect(warehouse.url) as connection:
        connection.execute("LOCK TABLE marts_runs.dim_runs IN ACCESS EXCLUSIVE MODE")
        time.sleep(0.3)
    measured = waits.recv()
    assert measured.longest_ms >= 200
    assert measured.locked_out > 1


@pytest.mark.parametrize(
    ("ratios", "waited", "read", "told"),
    [
        ([0.5, 0.7, 0.6], FINE, WHOLE, []),
        ([0.5, 0.7, 0.59], FINE, WHOLE, ["too slow: 0.59 of what psql copies, and 0.6 is the least"]),
        ([0.7], Waits(9, 100.0, 0), WHOLE, ["a reader waits 100 ms, and must wait less than 100"]),
        ([0.7], FINE, Readers(1, 9, 2, ()), ["2 transactions saw two runs, or a mart without its rows"]),
        ([0.7], FINE, Readers(1, 9, 0, ("lost", "lost")), ["a reader failed: lost"]),
    ],
)
def test_what_is_not_as_it_must_be_is_told(
    ratios: list[float], waited: Waits, read: Readers, told: list[str]
) -> None:
    assert failures(ratios, waited, read) == told
