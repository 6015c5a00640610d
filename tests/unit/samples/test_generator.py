"""The generator gives the same bytes for the same arguments, the size asked for, and the faults it lists."""

import csv
import hashlib
from datetime import date, timedelta
from xml.etree import ElementTree

import pytest

from samples.generator import generate


def digests(folder):
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_the_same_arguments_give_the_same_bytes(tmp_path):
    one = generate(tmp_path / "one", lines=2_000, seed=5)
    two = generate(tmp_path / "two", lines=2_000, seed=5)
    other = generate(tmp_path / "other", lines=2_000, seed=6)
    assert digests(tmp_path / "one") == digests(tmp_path / "two") != digests(tmp_path / "other")
    assert one.items.equals(two.items)
    assert not one.items.equals(other.items)


@pytest.mark.parametrize("lines", [100, 1_000, 20_000])
def test_about_as_many_lines_as_asked_for(tmp_path, lines):
    truth = generate(tmp_path, lines=lines, with_faults=False)
    ledgers = list(tmp_path.glob("*/*FEC*.txt"))
    written = sum(path.read_bytes().count(b"\r\n") - 1 for path in ledgers)
    assert truth.line_count == written
    assert abs(written - lines) <= lines * 0.12
    if lines >= 1_000:
        assert 0.05 < len(truth.bank_transactions) / written < 0.2


def test_fewer_than_a_hundred_lines_is_refused(tmp_path):
    with pytest.raises(ValueError, match="100 ledger lines or more, not 99"):
        generate(tmp_path, lines=99)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("as_of", [date(2026, 1, 1), date(2026, 2, 28), date(2024, 12, 31)], ids=str)
def test_any_as_of_date(tmp_path, as_of):
    truth = generate(tmp_path, lines=2_000, as_of=as_of, with_faults=False)
    days = truth.items["entry_date"].to_pylist() + truth.bank_transactions["booking_date"].to_pylist()
    assert date(as_of.year - 1, 1, 1) <= min(days) <= max(days) <= as_of
    assert len(list(tmp_path.glob("*/*FEC*.txt"))) == 4


def test_the_files_are_the_ones_listed(clean, faulty):
    for sample in (clean, faulty):
        assert sorted(sample.truth.files) == sorted(digests(sample.inbox))


def test_a_clean_sample_has_no_fault(clean):
    assert clean.truth.faults == ()


def test_the_faults_are_the_ones_listed(faulty):
    faults = {fault.kind: fault.file for fault in faulty.truth.faults}
    assert faults.keys() == {"impossible_date", "older_export", "unreadable_file", "statement_gap"}

    last_rows = (faulty.inbox / faults["impossible_date"]).read_text(encoding="utf-8").splitlines()[-2:]
    assert [row.split("\t")[3] for row in last_rows] == ["20260231", "20260231"]
    debit, credit = ([row.split("\t")[i] for row in last_rows] for i in (11, 12))
    assert sorted(debit) == sorted(credit)

    with pytest.raises(ElementTree.ParseError):
        ElementTree.parse(faulty.inbox / faults["unreadable_file"])
    in_files = set(faulty.truth.bank_transactions["source_file"].to_pylist())
    assert faults["statement_gap"] not in in_files
    assert None in in_files


def test_the_older_export_holds_what_was_known_then(faulty):
    (older,) = [fault.file for fault in faulty.truth.faults if fault.kind == "older_export"]
    name = older.split("/")[-1]
    before = (faulty.inbox / older).read_text(encoding="utf-8").splitlines()
    after = (faulty.inbox / "brindille-conseil" / name).read_text(encoding="utf-8").splitlines()
    assert 100 < len(before) < len(after)
    exported_on = date(2026, 6, 30) - timedelta(days=60)
    assert max(row.split("\t")[3] for row in before[1:]) <= f"{exported_on:%Y%m%d}"
    # The same lines, but for their lettering and validation.
    assert [row.split("\t")[:13] for row in before] == [row.split("\t")[:13] for row in after[: len(before)]]
    lettered = [sum(row.split("\t")[13] != "" for row in rows[1 : len(before)]) for rows in (before, after)]
    assert lettered[0] < lettered[1]


def test_invoices_and_third_parties(clean):
    def table(path, separator):
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file, delimiter=separator))

    invoices = table(clean.inbox / "brindille-conseil" / "invoices.csv", ",")
    parties = table(clean.inbox / "brindille-conseil" / "third_parties.csv", ",")
    others = table(clean.inbox / "comptoir-des-embruns" / "third_parties.csv", ";")
    customers = {p["third_party_code"] for p in parties if p["kind"] == "customer"}
    assert {row["third_party_code"] for row in invoices} <= customers
    assert {row["document_type"] for row in invoices} == {"invoice", "credit_note"}
    assert {p["payment_terms"] for p in parties + others} >= {"30", "45 EOM", "EOM 45", "30 EOM 10", ""}
    assert {p["iban"] == "" for p in parties} == {True, False}
    # Customer 1 and supplier 1 of the distributor are two third parties with one code.
    codes = [p["third_party_code"] for p in others]
    assert len(codes) > len(set(codes))

    pieces = {
        row.piece: row
        for row in clean.rows("brindille-conseil")
        if row.journal == "VE" and row.account == "411000"
    }
    totals = {}
    for row in invoices:
        euros, cents = row["total_amount"].split(".")
        totals[row["document_number"]] = totals.get(row["document_number"], 0) + int(euros) * 100 + int(cents)
    assert totals == {piece: abs(row.cents) for piece, row in pieces.items()}
