"""What a mapping that is added, changed or taken away does to files that were read or refused before."""

from typing import Any

from home.settings import Settings
from ingestion.landing import landed_files

TEXT = "Date;Text;Amount\n2026-01-02;A;5.00\n2026-02-31;B;6.00\n"


def settings(**changes: object) -> Settings:
    columns = {"booking_date": "Date", "remittance_text": "Text", "amount": "Amount"}
    mapping = {"name": "bank", "lands_as": "bank_statement", "columns": columns} | changes
    return Settings.model_validate({"mappings": [mapping]})


def amounts(desk: Any) -> list[int]:
    return [int(row["amount"]) for row in desk.rows("bank_transactions")]


def test_a_file_that_no_mapping_fitted_is_read_once_one_does(desk: Any) -> None:
    desk.drop("acme/CH93/january.csv", TEXT)
    (record,) = desk.take().new_files
    assert (record.status, record.reason) == ("refused", "it is a table that no mapping fits")
    assert record.remedy.startswith("Run encours map january.csv")
    assert not desk.take().new_files
    desk.settings = settings()
    (record,) = desk.take().new_files
    assert (record.status, amounts(desk)) == ("landed", [5])
    assert not desk.take().new_files


def test_the_nearest_mapping_is_named_with_what_it_lacks(desk: Any) -> None:
    desk.settings = settings(columns={"booking_date": "Date", "remittance_text": "Texte", "amount": "Amount"})
    desk.drop("acme/CH93/january.csv", TEXT)
    (record,) = desk.take().new_files
    assert record.reason == (
        "it is a table that no mapping fits; of the mappings, “bank” comes nearest: it has no column “Texte”"
    )


def test_a_changed_mapping_reads_its_files_again_and_the_first_reading_stays_on_disk(desk: Any) -> None:
    desk.settings = settings()
    desk.drop("acme/CH93/january.csv", TEXT)
    desk.take()
    (before,) = landed_files(desk.home, "bank_transactions")
    content = before.read_bytes()
    desk.settings = settings(inverse_sign=True)
    (record,) = desk.take().new_files
    assert (record.status, amounts(desk)) == ("landed", [-5])
    (after,) = landed_files(desk.home, "bank_transactions")
    assert after != before
    assert before.read_bytes() == content
    (row,) = desk.take().source_files.to_pylist()
    assert (row["status"], row["rows_landed"], row["rows_quarantined"]) == ("landed", 1, 1)


def test_another_mapping_reads_nothing_again(desk: Any, monkeypatch: Any) -> None:
    desk.settings = settings()
    desk.drop("acme/CH93/january.csv", TEXT)
    desk.take()
    (before,) = landed_files(desk.home, "bank_transactions")
    changed_at = before.stat().st_mtime_ns
    other = settings(name="other", columns={"booking_date": "Datum", "amount": "Betrag"}).mappings
    desk.settings = Settings.model_validate({"mappings": [*settings().mappings, *other]})
    desk.take()
    assert landed_files(desk.home, "bank_transactions") == [before]
    assert before.stat().st_mtime_ns == changed_at
    assert not desk.take().new_files


def test_a_mapping_that_is_taken_away_leaves_its_files_refused(desk: Any) -> None:
    desk.settings = settings()
    desk.drop("acme/CH93/january.csv", TEXT)
    desk.take()
    desk.settings = Settings()
    (record,) = desk.take().new_files
    assert (record.status, amounts(desk)) == ("refused", [])
    desk.settings = settings()
    (record,) = desk.take().new_files
    assert (record.status, amounts(desk)) == ("landed", [5])


def test_what_an_earlier_reading_left_in_quarantine_goes_with_it(desk: Any) -> None:
    desk.drop("acme/CH93/january.csv", TEXT)
    (record,) = desk.take().new_files
    folder = desk.home.quarantine / f"acme/CH93/january.csv.{record.source_sha256[:8]}"
    assert {file.name for file in folder.iterdir()} == {"reason.txt"}
    desk.settings = settings()
    desk.take()
    assert {file.name for file in folder.iterdir()} == {"rows.csv"}
    desk.settings = settings(leave_out={"Text": "B"})
    desk.take()
    assert not folder.exists()


def test_a_file_moved_to_another_account_s_folder_is_of_that_account(desk: Any) -> None:
    desk.settings = settings()
    first = desk.drop("acme/CH93/january.csv", TEXT)
    desk.take()
    first.unlink()
    desk.drop("acme/CH44/january.csv", TEXT)
    desk.take()
    assert [row["account_number"] for row in desk.rows("bank_statements")] == ["CH44"]
    assert desk.status(desk.take()) == {
        "acme/CH93/january.csv": "duplicate",
        "acme/CH44/january.csv": "landed",
    }


def test_a_copy_in_another_folder_counts_once_and_stays_where_it_was(desk: Any) -> None:
    desk.settings = settings()
    desk.drop("acme/CH93/january.csv", TEXT)
    desk.take()
    desk.drop("acme/CH44/january.csv", TEXT)
    assert desk.status(desk.take()) == {
        "acme/CH93/january.csv": "landed",
        "acme/CH44/january.csv": "duplicate",
    }
    assert [row["account_number"] for row in desk.rows("bank_statements")] == ["CH93"]
    assert not desk.take().new_files


def test_two_mappings_that_fit_one_file_are_both_named(desk: Any) -> None:
    twin = settings(name="twin").mappings
    desk.settings = Settings.model_validate({"mappings": [*settings().mappings, *twin]})
    desk.drop("acme/CH93/january.csv", TEXT)
    (record,) = desk.take().new_files
    assert (record.status, record.reason) == ("refused", "two mappings fit it, “bank” and “twin”")
    assert "header, without or pattern" in record.remedy


def test_a_configured_mapping_comes_before_formats_and_built_in_mappings(desk: Any) -> None:
    columns = {"booking_date": "Booked At", "amount": "Credit/Debit Amount"}
    desk.settings = settings(columns=columns, inverse_sign=True)
    text = "Booked At;Text;Credit/Debit Amount;Balance;Valuta Date\n2026-01-02;A;5;5;2026-01-02\n"
    desk.drop("acme/CH93/january.csv", text)
    desk.take()
    assert amounts(desk) == [-5]
    desk.settings = Settings()
    desk.take()
    assert amounts(desk) == [5]
