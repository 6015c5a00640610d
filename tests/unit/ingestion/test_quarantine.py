"""What people find in quarantine/, and that a spreadsheet computes none of it."""

import csv
from typing import Any

from ingestion.reading import FileRefusedError

FORMULA = "=HYPERLINK(0)"


def test_rows_are_listed_with_line_reason_remedy_and_text(desk: Any) -> None:
    desk.drop("acme/a.csv", f"third_party_code,kind\nA,\n{FORMULA},x\n@SUM(A1),y\n")
    (record,) = desk.take().new_files
    with (desk.home.quarantine / f"acme/a.csv.{record.source_sha256[:8]}" / "rows.csv").open(
        encoding="utf-8-sig", newline=""
    ) as file:
        rows = list(csv.reader(file))
    assert rows == [
        ["line", "reason", "remedy", "raw"],
        ["3", "kind: “x” is not customer or supplier", "Write customer or supplier.", f"'{FORMULA},x"],
        ["4", "kind: “y” is not customer or supplier", "Write customer or supplier.", "'@SUM(A1),y"],
    ]


def test_long_rows_are_cut_for_the_models(desk: Any) -> None:
    desk.drop("acme/a.csv", f"third_party_code,kind,name\nA,customer,x\nB,x,{'y' * 5000}\n")
    desk.take()
    (row,) = desk.rows("quarantined_rows")
    assert len(row["raw"]) == 2000


def test_a_file_without_bad_rows_leaves_nothing(desk: Any) -> None:
    desk.drop("acme/a.csv", "third_party_code\nA\n")
    desk.take()
    assert list(desk.home.quarantine.iterdir()) == []


def test_a_very_long_name_is_cut(desk: Any) -> None:
    desk.drop("acme/" + "é" * 125 + ".txt", "nonsense")
    desk.take()
    (folder,) = (desk.home.quarantine / "acme").iterdir()
    assert (folder / "reason.txt").exists()


def test_a_reason_that_quotes_a_long_cell_of_several_lines_stays_one_sentence(desk: Any) -> None:
    cell = "x\x1b[31m and so on\n" * 1000
    desk.drop("acme/a.csv", f'third_party_code,kind\nA,\nB,"{cell}"\n')
    desk.take()
    (row,) = desk.rows("quarantined_rows")
    assert row["reason"].isprintable()
    assert row["reason"].startswith("kind: “x [31m and so on x [31m")
    assert row["reason"].endswith("” is not customer or supplier")
    assert len(row["reason"]) <= 401


def test_a_refusal_that_quotes_a_header_stays_one_sentence(desk: Any, monkeypatch: Any) -> None:
    def refuse(*_: Any) -> None:
        raise FileRefusedError("its header is “" + "a\n" * 1000 + "”", "Export it again.")

    monkeypatch.setattr("ingestion.intake.find_reader", refuse)
    desk.drop("acme/a.csv", "third_party_code\nA\n")
    (record,) = desk.take().new_files
    assert record.reason.isprintable()
    assert (
        desk.home.quarantine / f"acme/a.csv.{record.source_sha256[:8]}" / "reason.txt"
    ).read_text().splitlines() == [
        f"acme/a.csv: {record.reason}",
        "Export it again.",
    ]
