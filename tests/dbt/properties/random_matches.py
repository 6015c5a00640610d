"""Random bank lines, ledgers and open items of a company, as the matching models read them.

Amounts and numbers come from few, so that they collide: equal amounts, numbers that two payments quote, names that
begin alike, IBANs of two customers, credit notes, fees that a bank kept, parts, lines that undo each other, and
decisions that accept and reject.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

Row = dict[str, Any]
Rows = dict[str, list[Row]]
"""Model → its rows."""

FIRST_DAY = date(2025, 1, 6)
AMOUNTS = (10_000, 10_000, 20_000, 30_000, 50_000, 12_345, 9_850, 10_005, 84_000, 1_999, 60_000)
NAMES = ("Menuiserie Dupont", "Dupont Freres", "Garage Martin SA", 'Transports "Petit" \\ Fils')
NUMBERS = tuple(f"FA2025-{number:06}" for number in range(183, 243))
TEXTS = (
    "VIR {name} {number}",
    "{number} {other}",
    "{number}",
    "REMISE CHEQUES 3 CHQ",
    "ANNULATION {number}",
    "VIR {name}",
    "FACTURE {end}",
    "2025",
    "",
)


def random_books(random: Random, company_id: str) -> Rows:
    """What a company's matching starts from: the rows of the models that it reads, by model."""
    books = _Books(random, company_id)
    books.parties()
    books.accounts()
    for _ in range(random.randint(8, 20)):
        books.movement()
    for _ in range(random.randint(6, 16)):
        books.item()
    for _ in range(random.randint(3, 8)):
        books.settled()
    books.decisions()
    return dict(books.rows)


def joined(books: Iterable[Rows]) -> Rows:
    """The rows of all companies together."""
    together: Rows = defaultdict(list)
    for rows in books:
        for model, model_rows in rows.items():
            together[model] += model_rows
    return dict(together)


class _Books:
    """A company's rows while they are made up."""

    def __init__(self, random: Random, company_id: str) -> None:
        self.random = random
        self.company_id = company_id
        self.numbers = random.sample(NUMBERS, random.choice((6, len(NUMBERS))))
        self.has_equal_amounts = random.random() < 0.5
        self.rows: Rows = defaultdict(list)
        self.parties_by_side: dict[str, list[Row]] = {"receivable": [], "payable": []}
        self.add("int_companies__known", base_currency="EUR")

    def add(self, model: str, **columns: object) -> Row:
        row = {"company_id": self.company_id, **columns}
        self.rows[model].append(row)
        return row

    def parties(self) -> None:
        for side, kind in (("receivable", "customer"), ("payable", "supplier")):
            for code, name in enumerate(self.random.sample(NAMES, 3)):
                party = self.add(
                    "int_third_parties__listed",
                    third_party_id=f"{self.company_id}/{kind}/{code}",
                    kind=kind,
                    name=name,
                )
                self.parties_by_side[side].append(party)
                if self.random.random() < 0.6:
                    self.add(
                        "int_third_parties__ibans",
                        third_party_id=party["third_party_id"],
                        kind=kind,
                        iban=f"FR{self.random.randrange(3)}",
                    )
                if self.random.random() < 0.4:
                    # Of the models that this stands for, this one alone does not say whose the party is.
                    self.rows["int_third_parties__discounts"].append(
                        {
                            "third_party_id": party["third_party_id"],
                            "discount_percent": Decimal("2.00"),
                            "discount_days": 10,
                        }
                    )

    def accounts(self) -> None:
        for number in range(self.random.randint(1, 2)):
            account = f"{self.company_id}/acct{number}"
            self.add(
                "int_bank__accounts",
                bank_account_id=account,
                ledger_account=f"51210{number}" if number == 0 or self.random.random() < 0.7 else None,
                has_statements=True,
                currency_code="EUR",
            )
            if self.random.random() < 0.3:
                self.add(
                    "int_bank__openings",
                    bank_account_id=account,
                    first_day=FIRST_DAY,
                    opening_unreconciled=self.money(self.amount()),
                )

    def movement(self) -> None:
        """A movement as the bank tells it, as the books tell it, or both, perhaps in parts."""
        amount, day, text = self.amount(), self.day(), self.text()
        account = self.random.choice(self.rows["int_bank__accounts"])
        told_by = self.random.choice(("bank", "books", "both", "both", "both"))
        if told_by != "books":
            kept = self.random.choice((0, 0, 0, 0, 150, 5))
            for part in self.parts(amount - kept):
                self.bank_line(account, part, day, text)
        if told_by != "bank" and account["ledger_account"] is not None:
            booked_on = day + timedelta(days=self.random.randint(-3, 8))
            for part in self.parts(amount):
                self.booked(account, part, booked_on, self.random.choice((text, text, self.text())))
        if self.random.random() < 0.1:
            self.bank_line(account, -amount, day + timedelta(days=2), "REJET " + text)

    def bank_line(self, account: Row, cents: int, day: date, text: str) -> None:
        self.add(
            "int_bank__transactions",
            bank_transaction_id=self.new_id("b", "int_bank__transactions"),
            bank_account_id=account["bank_account_id"],
            booking_date=day,
            amount=self.money(cents),
            currency_code="EUR",
            is_reversal=text.startswith("REJET"),
            remittance_text=text,
            bank_entry_reference=self.random.choice((None, None, "BATCH")),
            counterparty_name=self.random.choice((None, *(name[:14].upper() for name in NAMES))),
            counterparty_iban=self.random.choice((None, "FR0", "FR1", "FR2")),
        )

    def booked(self, account: Row, cents: int, day: date, text: str) -> None:
        entry = f"{self.random.randrange(20)}"
        self.ledger_line(account["ledger_account"], cents, day, entry, text, None)
        side = self.random.choice(("receivable", "payable"))
        self.ledger_line(
            "411" if side == "receivable" else "401",
            -cents,
            day,
            entry,
            text,
            (side, self.random.choice(self.parties_by_side[side])),
        )

    def ledger_line(
        self, account: str, cents: int, day: date, entry: str, text: str, party: tuple[str, Row] | None
    ) -> str:
        line = self.add(
            "int_ledger__lines_identified",
            ledger_line_id=self.new_id("l", "int_ledger__lines_identified"),
            journal_code="BQ",
            entry_number=entry,
            entry_date=day,
            account_code=account,
            ledger_side=party and party[0],
            third_party_id=party and party[1]["third_party_id"],
            third_party_name=party and party[1]["name"],
            document_ref=self.random.choice((None, *self.numbers)),
            label=text,
            debit=self.money(max(cents, 0)),
            credit=self.money(max(-cents, 0)),
            is_opening=self.random.random() < 0.03,
        )
        return str(line["ledger_line_id"])

    def item(self) -> None:
        """An open item: an invoice, a credit note, or a payment that waits."""
        side = self.random.choice(("receivable", "receivable", "payable"))
        party = self.random.choice(self.parties_by_side[side])
        item_type = self.random.choice(("invoice", "invoice", "invoice", "credit_note", "payment", "payment"))
        cents = abs(self.amount()) * (1 if item_type == "invoice" else -1)
        self.posted(side, party, item_type, cents, self.day(), self.random.choice(self.numbers), self.text())

    def settled(self) -> None:
        """A payment of some items of one third party, whole or nearly, in the books or only in the bank."""
        side = self.random.choice(("receivable", "receivable", "payable"))
        party = self.random.choice(self.parties_by_side[side])
        owed = [
            (row, terms["document_ref"], terms["entry_date"])
            for row, terms in zip(
                self.rows["int_ageing__items_at_dates"], self.rows["int_items__posted"], strict=True
            )
            if row["third_party_id"] == party["third_party_id"] and terms["item_type"] != "payment"
        ]
        chosen = self.random.sample(owed, min(len(owed), self.random.randint(1, 3)))
        total = round(sum(row["open_amount"] for row, _, _ in chosen) * 100)
        if total <= 0:
            return
        paid = self.random.choice((total, total, total - 150, total // 2, round(total * 0.98), total + 700))
        day = max(posted_on for _, _, posted_on in chosen) + timedelta(days=self.random.randint(0, 20))
        numbers = " ".join(number for _, number, _ in chosen)
        text = self.random.choice((numbers, numbers, f"VIR {party['name']}", numbers[:13]))
        if self.random.random() < 0.5:
            self.posted(side, party, "payment", -paid, day, "VIR", text)
        else:
            account = self.rows["int_bank__accounts"][0]
            self.bank_line(account, paid if side == "receivable" else -paid, day, text)

    def posted(
        self, side: str, party: Row, item_type: str, cents: int, day: date, number: str, text: str
    ) -> None:
        account = "411" if side == "receivable" else "401"
        line_id = self.ledger_line(account, cents, day, "7", text, (side, party))
        item_id = self.new_id("i", "int_items__posted")
        self.add(
            "int_items__posted",
            item_id=item_id,
            ledger_line_id=line_id,
            unit_id=f"{party['third_party_id']}/unit",
            item_type=item_type,
            document_ref=number,
            journal_code="VE",
            entry_number=f"{self.random.randrange(9)}",
            entry_date=day,
            document_date=day,
            due_date=self.random.choice((None, day + timedelta(days=30))),
            is_opening_difference=False,
        )
        self.add(
            "int_ageing__items_at_dates",
            is_own_date=True,
            item_id=item_id,
            ledger_side=side,
            third_party_id=party["third_party_id"],
            currency_code=self.random.choice(("EUR", "EUR", "EUR", "USD")),
            open_amount=self.money(cents),
        )

    def decisions(self) -> None:
        """Accepted, each object once at most, and rejected pairs."""
        bank = [row["bank_transaction_id"] for row in self.rows["int_bank__transactions"]]
        ledger_accounts = {row["ledger_account"] for row in self.rows["int_bank__accounts"]} - {None}
        ledger = [
            row["ledger_line_id"]
            for row in self.rows["int_ledger__lines_identified"]
            if row["account_code"] in ledger_accounts
        ]
        items = self.rows["int_ageing__items_at_dates"]
        owed = [row["item_id"] for row in items if row["open_amount"] > 0]
        paid = [row["item_id"] for row in items if row["open_amount"] < 0]
        pairs = {
            "bank": _couples(self.random, bank, ledger),
            "lettering": _couples(self.random, paid, owed),
        }
        for use, couples in pairs.items():
            for number, (payment_id, document_id) in enumerate(couples[:5]):
                self.add(
                    "int_decisions__pairs",
                    decision_id=f"{self.company_id}-{use}-{number}",
                    use=use,
                    payment_id=payment_id,
                    document_id=document_id,
                    verdict="accepted" if number == 0 else "rejected",
                    decided_by='Ana "la\tforte" \\ Roy',
                    decided_on=FIRST_DAY,
                )

    def new_id(self, prefix: str, model: str) -> str:
        return f"{prefix}-{self.company_id}-{len(self.rows[model])}"

    def parts(self, cents: int) -> list[int]:
        if self.random.random() < 0.8:
            return [cents]
        first = round(cents * self.random.choice((0.3, 0.5)))
        return [first, cents - first]

    def amount(self) -> int:
        cents = self.random.choice(AMOUNTS) if self.has_equal_amounts else self.random.randint(100, 99_999)
        return cents * self.random.choice((1, 1, -1))

    def day(self) -> date:
        return FIRST_DAY + timedelta(days=self.random.randrange(60))

    def text(self) -> str:
        number = self.random.choice(self.numbers)
        return self.random.choice(TEXTS).format(
            name=self.random.choice(NAMES),
            number=number,
            other=self.random.choice(self.numbers),
            end=number[-6:],
        )

    @staticmethod
    def money(cents: int) -> Decimal:
        return Decimal(cents).scaleb(-2)


def _couples(random: Random, first: list[str], second: list[str]) -> list[tuple[str, str]]:
    """Pairs of both lists, no element twice."""
    return list(
        zip(random.sample(first, len(first)), random.sample(second, len(second)), strict=False),
    )
