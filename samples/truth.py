"""What is true of a generated group: its items, what settled what, what is open, and what the bank lines are."""

import json
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from samples.days import Ints
from samples.money import decimals
from samples.replay import Settlements, replay

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class CompanyTruth:
    """A company of the group, its bank account and the ledger account that mirrors it, and its second account.

    ``is_carried_in_one_line``: whether its years open with one line for all that a third party's account holds.
    """

    company_id: str
    name: str
    siren: str
    iban: str
    ledger_account: str
    savings_iban: str | None
    is_carried_in_one_line: bool


@dataclass(frozen=True)
class Fault:
    """Something wrong that was put among the files on purpose. ``file`` is the path under the inbox."""

    kind: str
    file: str
    detail: str


@dataclass(frozen=True)
class Truth:
    """The truth of a generated inbox. Money is DECIMAL(18, 2) in euros, dates are days.

    ``items``: one row per third-party line or instalment ever posted, in the order in which they settle (by
    day; on the same day what is owed first, then by entry number and row): ``item``, company_id, ledger_side,
    item_type, third_party_code, account_code, document_ref, journal_code, entry_number, entry_date,
    document_date, due_date, ``original_amount`` (positive = what is owed to us on the receivable side, by us
    on the payable side), fiscal_year_end_date, source_row, and ``lettering``: one number per fiscal year, in
    order, equal for the items that its export letters together, null for those that it does not letter; what
    an opening line restates is lettered as this line is. ``group`` is equal for the items of one company,
    account and third party that settle each other, lettered or not; null for those that settle nothing.
    ``item_type`` says what the generator meant: an invoice, a payment, and so on.

    ``bank_transactions``: one row per bank movement or detail of a batch: company_id, iban,
    bank_entry_reference, detail_ordinal (0 = not a detail), booking_date, amount, transaction_kind, match,
    and ``source_file`` (null when the statement is missing on purpose). ``ledger_bank_lines``: the 512 lines
    that mirror them: company_id, fiscal_year_end_date, source_row, journal_code, entry_number, entry_date,
    account_code, amount, match. The two sides with the same company and ``match`` belong together; a match
    with one side only is not booked, or not at the bank yet, or cancels out where its lines sum to nothing.

    ``payments``: what each bank movement pays: company_id, bank_entry_reference, detail_ordinal,
    third_party_code, document_ref, amount (positive = received; a credit note that it nets is negative).

    ``disputes`` and ``promises`` have the columns of their CSV files and ``status``, what became of them by the
    as-of date; ``dunning_events`` those of its file.

    Items, bank lines and payments name the ``scenario`` of the match or group, one of ``samples.scenarios``.
    Where a share of the ledger is hidden, ``is_hidden`` marks the ``bank_transactions`` of which a ledger line is
    left out, and the ``payments`` of documents that are.
    """

    seed: int
    as_of: date
    companies: tuple[CompanyTruth, ...]
    items: pa.Table
    bank_transactions: pa.Table
    ledger_bank_lines: pa.Table
    payments: pa.Table
    disputes: pa.Table
    promises: pa.Table
    dunning_events: pa.Table
    line_count: int
    files: tuple[str, ...]
    faults: tuple[Fault, ...] = field(default=())

    @cached_property
    def settlements(self) -> pa.Table:
        """Which credit settled which debit, by the newest exports' lettering.

        A year's export is all that tells its lettering, and stays so when the next year opens: where that one
        carries what a customer owes in one line, the mark on this line says nothing of which payment settled
        which invoice before. So the years are settled one after the other, each with what those before it left.
        A balance carried in one line is the one item that it is the amount of, where there is exactly one: what
        cancels out beside it stays open, each for itself (docs/decisions/0004).

        Columns: company_id, debit_item, credit_item, debit_document_ref, credit_document_ref, amount,
        effective_date.
        """
        left = self._ledger_cents()
        due = pc.coalesce(self.items["due_date"], self.items["entry_date"]).cast(pa.int32()).to_numpy()
        document = self.items["document_ref"].combine_chunks().dictionary_encode().indices.to_numpy()
        years: list[Settlements] = []
        for component, is_carried in zip(self._components(), self._carried_in_one_line(), strict=True):
            year = replay(self._stood_for(component, is_carried, left), document, due, left)
            np.subtract.at(left, year.debit, year.cents)
            np.add.at(left, year.credit, year.cents)
            years.append(year)
        settled = Settlements.concatenate(years)
        debit, credit = pa.array(settled.debit), pa.array(settled.credit)
        return pa.table(
            {
                "company_id": self.items["company_id"].take(debit),
                "debit_item": debit,
                "credit_item": credit,
                "debit_document_ref": self.items["document_ref"].take(debit),
                "credit_document_ref": self.items["document_ref"].take(credit),
                "amount": decimals(settled.cents),
                "effective_date": self.items["entry_date"].take(pa.array(settled.effective)),
            }
        )

    def open_items(self, as_of: date) -> pa.Table:
        """The items still open at ``as_of``: those posted by then, less the settlements effective by then.

        The columns of ``items``, with ``settled_amount`` and ``open_amount``.
        """
        settled = np.zeros(len(self.items), dtype=np.int64)
        effective = self.settlements.filter(pc.less_equal(self.settlements["effective_date"], as_of))
        cents = _cents(effective["amount"])
        np.add.at(settled, effective["debit_item"].to_numpy(), cents)
        np.add.at(settled, effective["credit_item"].to_numpy(), -cents)
        sign = np.where(pc.equal(self.items["ledger_side"], "receivable").to_numpy(), 1, -1)
        original = _cents(self.items["original_amount"])
        table = self.items.append_column("settled_amount", decimals(settled * sign)).append_column(
            "open_amount", decimals(original - settled * sign)
        )
        is_open = (original != settled * sign) & pc.less_equal(self.items["entry_date"], as_of).to_numpy()
        return table.filter(pa.array(is_open))

    def unlettered(self, as_of: date) -> pa.Table:
        """The pairs of open items that settle each other, though the books do not say so.

        Columns: company_id, payment_item, document_item, scenario. ``payment_item`` is of a credit nature (a
        payment, a credit note, a discount); ``document_item`` is owed, or a credit note that a payment nets. Of
        several documents that are paid together a credit note settles none in particular.
        """
        keys = ["company_id", "account_code", "third_party_code", "group"]
        open_items = self.open_items(as_of)
        open_items = open_items.filter(pc.is_valid(open_items["group"]))
        is_settling = pc.less(open_items["original_amount"], 0)
        is_note = pc.equal(open_items["item_type"], "credit_note")
        payments = open_items.filter(is_settling).select([*keys, "item", "item_type", "scenario"])
        documents = open_items.filter(pc.or_(pc.invert(is_settling), is_note)).select(
            [*keys, "item", "item_type"]
        )
        pairs = payments.rename_columns([*keys, "payment_item", "payment_type", "scenario"]).join(
            documents.rename_columns([*keys, "document_item", "document_type"]), keys, join_type="inner"
        )
        owed = documents.filter(pc.not_equal(documents["item_type"], "credit_note")).group_by(keys)
        owed_counts = owed.aggregate([("item", "count")])
        pairs = pairs.join(owed_counts, keys, join_type="left outer")
        is_alone = pc.and_(
            pc.not_equal(pairs["document_type"], "credit_note"), pc.equal(pairs["item_count"], 1)
        )
        counts = pc.or_(pc.not_equal(pairs["payment_type"], "credit_note"), is_alone)
        return (
            pairs.filter(pc.fill_null(counts, False))
            .select(["company_id", "payment_item", "document_item", "scenario"])
            .sort_by([("payment_item", "ascending"), ("document_item", "ascending")])
        )

    def write(self, folder: Path) -> None:
        """Write the truth to ``folder`` as Parquet files and ``truth.json``; never into an inbox."""
        folder.mkdir(parents=True, exist_ok=True)
        tables = {
            "items": self.items,
            "settlements": self.settlements,
            "bank_transactions": self.bank_transactions,
            "ledger_bank_lines": self.ledger_bank_lines,
            "payments": self.payments,
            "disputes": self.disputes,
            "promises": self.promises,
            "dunning_events": self.dunning_events,
        }
        for name, table in tables.items():
            pq.write_table(table, folder / f"{name}.parquet", compression="zstd")
        summary = {
            "seed": self.seed,
            "as_of": self.as_of.isoformat(),
            "line_count": self.line_count,
            "companies": [vars(company) for company in self.companies],
            "files": list(self.files),
            "faults": [vars(fault) for fault in self.faults],
        }
        text = json.dumps(summary, ensure_ascii=False, indent=2)
        (folder / "truth.json").write_text(text + "\n", encoding="utf-8")

    def _components(self) -> list[Ints]:
        """For each fiscal year the items' lettering, -1 for none, with no number in two companies."""
        lettering = self.items["lettering"].combine_chunks()
        numbers = lettering.flatten().fill_null(-1).to_numpy().reshape(-1, lettering.type.list_size)
        company = self.items["company_id"].combine_chunks().dictionary_encode().indices.to_numpy()
        return [np.where(year >= 0, year * len(self.companies) + company, -1) for year in numbers.T]

    def _carried_in_one_line(self) -> list[Flags]:
        """For each fiscal year which items of the years before it opens with one line for all of an account."""
        names = [company.company_id for company in self.companies if company.is_carried_in_one_line]
        is_in_one_line = pc.is_in(self.items["company_id"], pa.array(names, pa.string())).to_numpy()
        year_end = self.items["fiscal_year_end_date"].to_numpy()
        return [is_in_one_line & (year_end < end) for end in np.unique(year_end)]

    def _stood_for(self, component: Ints, is_carried: Flags, left: Ints) -> Ints:
        """``component`` without what a balance carried in one line holds beside the one posting that it equals."""
        row, year_end = self.items["source_row"].to_numpy(), self.items["fiscal_year_end_date"].to_numpy()
        postings: defaultdict[int, defaultdict[tuple[object, ...], list[int]]] = defaultdict(
            lambda: defaultdict(list)
        )
        for item in np.flatnonzero(is_carried & (component >= 0)).tolist():
            postings[component[item]][year_end[item], row[item]].append(item)
        stood_for = component.copy()
        for of_balance in postings.values():
            total = sum(int(left[items].sum()) for items in of_balance.values())
            equal = [items for items in of_balance.values() if left[items].sum() == total]
            if len(equal) == 1:
                stood_for[
                    [item for items in of_balance.values() if items is not equal[0] for item in items]
                ] = -1
        return stood_for

    def _ledger_cents(self) -> Ints:
        """Each item's amount, debit when positive."""
        sign = np.where(pc.equal(self.items["ledger_side"], "receivable").to_numpy(), 1, -1)
        return _cents(self.items["original_amount"]) * sign


def _cents(amounts: pa.ChunkedArray) -> Ints:
    cents: Ints = pc.multiply(amounts, 100).cast(pa.int64()).to_numpy()
    return cents
