"""``encours explain``: why a match or an exception, and what would change it."""

import csv
import io
import json

import duckdb
import pytest
from click.testing import CliRunner, Result

from home.layout import Home
from ingestion.schemas import DECISIONS
from orchestration.cli import main

COLUMNS = [name for name in DECISIONS.names if not name.startswith("source_")]


def explain(home: Home, wanted: object, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["explain", str(wanted), *arguments, "--home", str(home.root)])


def text(home: Home, wanted: object, *arguments: str) -> str:
    result = explain(home, wanted, *arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


def ask(home: Home, query: str) -> list[tuple[object, ...]]:
    with duckdb.connect(home.published_database.resolve(), read_only=True) as connection:
        connection.execute("USE marts")
        return connection.execute(query).fetchall()


def decisions_in(printed: str) -> list[dict[str, str]]:
    """The rows of decisions.csv that a text ends with."""
    lines = printed.splitlines()
    return list(csv.DictReader(io.StringIO("\n".join(lines[lines.index(",".join(COLUMNS)) :]))))


def test_a_bank_match_is_told_with_its_rule_its_evidence_and_both_sides(refreshed: Home) -> None:
    [(match_id, rule, payment, document, label)] = ask(
        refreshed,
        """
        SELECT match_id, label_en, bank.object_id, ledger.object_id, lines.label
        FROM fct_bank_matches
        JOIN dim_match_rules USING (match_rule)
        JOIN fct_bank_match_members AS bank USING (match_id)
        JOIN fct_bank_match_members AS ledger USING (match_id)
        JOIN fct_ledger_lines AS lines ON lines.ledger_line_id = ledger.object_id
        WHERE bank.side = 'bank' AND ledger.side = 'ledger' AND match_cardinality = '1:1' AND match_rule = 'reference'
        ORDER BY match_id LIMIT 1
        """,
    )
    printed = text(refreshed, match_id)
    assert f"Match {match_id}: matched by the rule “{rule}”, right in 9" in printed
    assert "The payment's text names the number of each document" in printed
    assert "  - The text names " in printed
    assert str(label).split()[0] in printed
    assert decisions_in(printed) == [
        dict.fromkeys(COLUMNS, "")
        | {
            "company_id": ask(
                refreshed, f"SELECT company_id FROM fct_bank_matches WHERE match_id = '{match_id}'"
            )[0][0],
            "decision": "reject",
            "decision_ref": f"reject-{str(match_id)[:8]}",
            "object_id": payment,
            "counterpart_id": document,
            "decided_by": "your name",
            "decided_on": "2026-06-30",
        }
    ]
    french = text(refreshed, match_id, "--lang", "fr")
    assert "rapproché par la règle « Référence »" in french
    assert "Le texte cite " in french


def test_a_proposal_may_be_accepted_or_rejected_as_printed(refreshed: Home) -> None:
    [(match_id, size)] = ask(
        refreshed,
        """
        SELECT match_id, count(*) FROM (FROM fct_bank_matches SELECT match_id, match_status
            UNION ALL FROM fct_item_matches SELECT match_id, match_status)
        JOIN (FROM fct_bank_match_members SELECT match_id, object_id
            UNION ALL FROM fct_item_match_members SELECT match_id, object_id) USING (match_id)
        WHERE match_status = 'proposed' GROUP BY ALL ORDER BY match_id LIMIT 1
        """,
    )
    rows = decisions_in(text(refreshed, match_id))
    for verdict in ("accept", "reject"):
        pairs = [(row["object_id"], row["counterpart_id"]) for row in rows if row["decision"] == verdict]
        assert len(pairs) == int(str(size)) - 1
        assert len({one for pair in pairs for one in pair}) == size
        assert len({row["decision_ref"] for row in rows if row["decision"] == verdict}) == 1


def test_an_exception_leads_to_what_it_is_about(refreshed: Home) -> None:
    rows = ask(
        refreshed,
        "SELECT exception_id, object_id, explanation_en, side, suggestion FROM fct_reconciliation_exceptions "
        "WHERE object_id IN (SELECT bank_transaction_id FROM fct_bank_transactions) "
        "OR object_id IN (SELECT item_id FROM fct_items)",
    )
    assert rows
    for exception_id, object_id, explanation, _, suggestion in rows:
        printed = text(refreshed, str(exception_id)[:12])
        assert str(explanation) in printed
        assert text(refreshed, object_id) == printed
        found = json.loads(text(refreshed, exception_id, "--format", "json"))
        assert found["line"]["id"] == object_id
        best = [match["id"] for match in found["matches"]]
        assert [one["match_id"] for one in json.loads(str(suggestion))] == best[:5]


def test_a_line_that_fits_nothing_may_be_matched_by_hand(refreshed: Home) -> None:
    rows = ask(
        refreshed,
        """
        SELECT exception_id, object_id, (
            SELECT count(*) FROM fct_reconciliation_exceptions AS others WHERE others.side = 'bank'
                AND others.account_code = told.account_code AND others.amount = told.amount
        )
        FROM fct_reconciliation_exceptions AS told
        WHERE side = 'ledger' AND reason_code IN ('not_at_bank', 'before_first_statement', 'statement_missing')
        """,
    )
    assert rows
    for exception_id, line, alike in rows:
        printed = text(refreshed, exception_id)
        found = decisions_in(printed)
        assert {row["decision"] for row in found} == {"match"}
        assert {row["object_id"] for row in found} == {line}
        assert ("put the id of the other side into counterpart_id." in printed) == (alike == 0)
        assert ("of the same amount on the other side" in printed) == (alike != 0)
        assert len({row["counterpart_id"] for row in found}) == max(1, min(5, int(str(alike))))


def test_what_is_printed_is_a_file_that_is_read(refreshed: Home) -> None:
    """The rows pass the reader of decisions.csv as they stand."""
    from ingestion.formats.decisions import READER

    for (match_id,) in ask(refreshed, "SELECT match_id FROM fct_bank_matches ORDER BY match_id LIMIT 3"):
        rows = decisions_in(text(refreshed, match_id))
        assert all(set(row) == set(COLUMNS) for row in rows)
        assert set(READER.required) <= set(COLUMNS)
        assert all(row[name] for row in rows for name in READER.required)


def test_an_item_is_told_with_what_settled_it_in_the_books(refreshed: Home) -> None:
    [(item, letter)] = ask(
        refreshed,
        "SELECT debit_item_id, letter_code FROM fct_settlements WHERE status = 'booked' AND letter_code IS NOT NULL "
        "AND settlement_kind = 'payment' ORDER BY settlement_id LIMIT 1",
    )
    printed = text(refreshed, item)
    assert "Settled in the books" in printed
    assert str(letter) in printed


def test_an_exception_about_a_file_is_its_sentence_alone(refreshed: Home) -> None:
    [(exception_id, explanation)] = ask(
        refreshed,
        "SELECT exception_id, explanation_fr FROM fct_reconciliation_exceptions WHERE side = 'file' ORDER BY 1 LIMIT 1",
    )
    printed = text(refreshed, exception_id, "--lang", "fr")
    assert str(explanation) in printed
    assert "decisions.csv" not in printed


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        ("abc", "an id has at least 6 characters here"),
        ("zzzzzzzz", "nothing has the id zzzzzzzz"),
    ],
)
def test_an_id_that_nothing_has_is_told(refreshed: Home, wanted: str, told: str) -> None:
    result = explain(refreshed, wanted)
    assert result.exit_code == 1
    assert told in result.output


def test_a_beginning_that_two_ids_share_names_both(refreshed: Home) -> None:
    twins = ask(
        refreshed,
        "SELECT item_id FROM fct_items WHERE contains(item_id, '/') "
        "AND split_part(item_id, '/', 1) NOT IN (SELECT item_id FROM fct_items) ORDER BY 1 LIMIT 2",
    )
    assert len(twins) == 2, "the samples hold an invoice of two instalments"
    result = explain(refreshed, str(twins[0][0])[:20])
    assert result.exit_code == 1
    assert "several things begin with" in result.output
    assert all(str(twin) in result.output for (twin,) in twins)
