"""What a score looks like on a screen, and the rows behind it in a file: wrong matches and missed ones, in words."""

from collections import Counter
from pathlib import Path

import duckdb

from benchmarks.matching.homes import Measured
from benchmarks.matching.scoring import Rate, Score, Scores, missed_pairs, wrong_pairs


def show(title: str, scores: Scores) -> None:
    """Print a set's score, then that of its scenarios and rules."""
    whole = scores.whole
    print(f"\n{title}")
    for name, told in (
        ("precision of matched pairs", whole.precision),
        ("matched payments without a wrong pair", whole.pure),
        ("matched payments wholly right", whole.payments),
        ("payments matched without a wrong pair", whole.pure_recall),
        ("payments matched wholly right", whole.payments_recall),
        ("recall of matched pairs", whole.recall),
        ("recall of matched and best proposed", whole.best_recall),
        ("recall of matched and all proposed", whole.recall_any),
        ("precision of matched and best proposed", whole.best_precision),
        ("F1 matched; with best proposed", f"{whole.f1:.4f}; {whole.best_f1:.4f}"),
        ("value matched; with best proposed", f"{whole.value:.4f}; {whole.best_value:.4f}"),
    ):
        print(f"  {name:<42}{told}")
    print(
        f"  {'scenario':<28}{'pairs':>8}{'precision':>11}{'wrong':>7}{'recall':>9}{'+ best':>9}{'+ all':>9}"
    )
    for name, score in scores.by_scenario.items():
        print(f"  {name:<28}{_scenario(score)}")
    print(f"  {'rule':<28}{'matched':>32}{'best proposed':>34}")
    for name, rates in scores.by_rule.items():
        matched, proposed = (_rate(rates.get(status)) for status in ("matched", "proposed"))
        print(f"  {name:<28}{matched:>32}{proposed:>34}", flush=True)


def _scenario(score: Score) -> str:
    wrong = score.precision.of - score.precision.hits
    shares = (score.recall, score.best_recall, score.recall_any)
    told = "".join(f"{_share(rate):>9}" for rate in shares)
    return f"{score.recall.of:>8,}{_share(score.precision):>11}{wrong:>7,}{told}"


def _share(rate: Rate) -> str:
    return f"{rate.value:.4f}" if rate.of else "-"


def _rate(rate: Rate | None) -> str:
    if rate is None:
        return "-"
    low, high = rate.interval
    return f"{rate.value:.4f} [{low:.4f}, {high:.4f}] {rate.of:,}"


def write_errors(path: Path, measured: Measured) -> None:
    """Write the wrong pairs, then the missed ones, with what both sides say; most frequent kinds first."""
    with duckdb.connect(str(measured.refreshed.database), read_only=True) as connection:
        connection.execute(_SAID)
        connection.register("wrong", wrong_pairs(measured.found, measured.true))
        connection.register("missed", missed_pairs(measured.found, measured.true))
        connection.register("true_pairs", measured.true)
        wrong = connection.execute(_WRONG).fetchall()
        missed = connection.execute(_MISSED).fetchall()
    with path.open("w", encoding="utf-8") as file:
        _write(file.write, "Wrong", wrong)
        _write(file.write, "Missed", missed)


def _write(write, title: str, rows: list[tuple[str, str]]) -> None:  # type: ignore[no-untyped-def]
    kinds = Counter(kind for kind, _ in rows)
    for kind, count in kinds.most_common():
        write(f"{title}: {kind}: {count:,}\n")
        for told in [told for each, told in rows if each == kind]:
            write(f"{told}\n")
        write("\n")


_SAID = """
CREATE TEMP TABLE said AS
    SELECT
        bank_transaction_id AS object_id,
        concat_ws(' | ', 'bank', booking_date, amount, counterparty_name, counterparty_iban, remittance_text,
            end_to_end_id) AS words
    FROM marts.fct_bank_transactions
    UNION ALL
    SELECT
        ledger_line_id,
        concat_ws(' | ', 'line', journal_code, entry_number, entry_date, debit - credit, account_code, third_party_id,
            document_ref, label)
    FROM marts.fct_ledger_lines
    WHERE account_role = 'bank'
    UNION ALL
    SELECT
        items.item_id,
        concat_ws(' | ', 'item', items.item_type, items.entry_date, 'due ' || items.due_date, items.original_amount,
            'open ' || open.open_amount, items.third_party_id, parties.name, items.document_ref)
    FROM marts.fct_items AS items
    LEFT JOIN marts.fct_open_items AS open USING (item_id)
    LEFT JOIN marts.dim_third_parties AS parties ON items.third_party_id = parties.third_party_id;
"""

_WRONG = """
WITH
    true_words AS (
        SELECT payment, string_agg(said.words, chr(10) || '    true     ' ORDER BY said.words) AS words
        FROM true_pairs
        INNER JOIN said ON true_pairs.document = said.object_id
        GROUP BY payment
    ),
    grouped AS (
        SELECT
            wrong.match_id,
            wrong.payment,
            any_value(wrong.status) AS status,
            any_value(wrong.rule) AS rule,
            any_value(wrong.scenario) AS scenario,
            any_value(wrong.score) AS score,
            string_agg('    found    ' || documents.words, chr(10) ORDER BY documents.words) AS words
        FROM wrong
        LEFT JOIN said AS documents ON wrong.document = documents.object_id
        GROUP BY wrong.match_id, wrong.payment
    )
SELECT
    concat_ws(', ', grouped.status, grouped.rule, grouped.scenario) AS kind,
    concat_ws(
        chr(10),
        concat_ws(' ', '-', grouped.status, grouped.rule, round(grouped.score, 4), nullif(groups.residual_amount, 0),
            groups.residual_reason, groups.evidence),
        '    payment  ' || payments.words,
        grouped.words,
        '    true     ' || true_words.words
    ) AS told
FROM grouped
LEFT JOIN intermediate.int_matching__groups AS groups USING (match_id)
LEFT JOIN said AS payments ON grouped.payment = payments.object_id
LEFT JOIN true_words ON grouped.payment = true_words.payment
ORDER BY grouped.status, grouped.score DESC, told
"""

_MISSED = """
SELECT
    concat_ws(
        ', ', coalesce('proposed ' || CAST(min(missed.proposed_rank) AS VARCHAR), 'not found'), missed.scenario
    ) AS kind,
    concat_ws(
        chr(10),
        '- payment  ' || any_value(payments.words),
        string_agg('    true     ' || documents.words, chr(10) ORDER BY documents.words)
    ) AS told
FROM missed
LEFT JOIN said AS payments ON missed.payment = payments.object_id
LEFT JOIN said AS documents ON missed.document = documents.object_id
GROUP BY missed.payment, missed.scenario
ORDER BY told
"""
