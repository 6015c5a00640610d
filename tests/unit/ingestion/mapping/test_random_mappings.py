"""A random statement, written by a random mapping, comes back as it was: movements, order, balances."""

import csv
import io
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from home.settings import Settings

ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "cp1252", "iso-8859-15", "cp850")
FORMS = ("%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y", "%d/%m/%y", "%Y%m%d", "%d-%b-%Y")
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

cents = st.integers(-(10**9), 10**9).map(lambda number: Decimal(number).scaleb(-2))
texts = st.text("abc deéÜß,;'|\"&=", max_size=15).map(lambda text: f"x{text}x")


def written_day(day: date, form: str) -> str:
    return day.strftime(form.replace("%b", MONTHS[day.month - 1]))


class Habits:
    """How one bank writes: drawn once per statement."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.style = draw(st.sampled_from(["signed", "inverse", "split", "direction"]))
        self.form = draw(st.sampled_from(FORMS))
        self.mark = draw(st.sampled_from(".,"))
        self.between = draw(st.sampled_from(["", "'", " ", "\u00a0", "," if self.mark == "." else "."]))
        self.delimiter = draw(st.sampled_from(";,\t|"))
        self.encoding = draw(st.sampled_from(ENCODINGS))
        self.end = draw(st.sampled_from(["\n", "\r\n"]))
        self.has_header = draw(st.booleans())
        self.has_balance = draw(st.booleans())
        self.is_reversed = draw(st.booleans())
        self.negative = draw(st.sampled_from(["-{}", "{}-", "({})"]))
        columns = ["day", "text"]
        columns += {"split": ["out", "in"], "direction": ["amount", "way"]}.get(self.style, ["amount"])
        columns += ["balance"] * self.has_balance + ["other"]
        self.order = draw(st.permutations(columns))

    def money(self, value: Decimal) -> str:
        text = f"{abs(value):,.2f}".replace(",", "@").replace(".", self.mark).replace("@", self.between)
        return self.negative.format(text) if value < 0 else text

    def mapping(self) -> dict[str, Any]:
        fields = {
            "day": "booking_date", "text": "remittance_text", "out": "debit", "in": "credit", "amount": "amount",
            "way": "direction", "balance": "balance",
        }  # fmt: skip
        columns: dict[str, str | int] = {
            fields[name]: name if self.has_header else place
            for place, name in enumerate(self.order, 1)
            if name in fields
        }
        said = {
            "name": "random",
            "lands_as": "bank_statement",
            "columns": columns,
            "date_formats": [self.form],
            "decimal_mark": self.mark,
            "encoding": self.encoding if self.encoding == "cp850" else "",
            "inverse_sign": self.style == "inverse",
            "delimiter": self.delimiter,
        }
        return said if self.has_header else said | {"pattern": "other"}

    def row(self, day: date, text: str, amount: Decimal, balance: Decimal) -> list[str]:
        cells = {
            "day": written_day(day, self.form),
            "text": text,
            "amount": self.money(-amount if self.style == "inverse" else amount),
            "out": self.money(-amount) if amount < 0 else "",
            "in": self.money(amount) if amount >= 0 else "",
            "way": "D" if amount < 0 else "C",
            "balance": self.money(balance),
            "other": "other",
        }
        if self.style == "direction":
            cells["amount"] = self.money(abs(amount))
        return [cells[name] for name in self.order]


@st.composite
def statements(draw: st.DrawFn) -> tuple[Habits, list[tuple[date, str, Decimal]]]:
    habits = Habits(draw)
    start = draw(st.dates(date(1970, 1, 1), date(2060, 12, 31)))
    rows = draw(st.lists(st.tuples(st.integers(0, 5), texts, cents), min_size=1, max_size=15))
    days = start
    found = []
    for step, text, amount in rows:
        days += timedelta(days=step)
        found.append((days, text, amount))
    return habits, found


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(statements())
def test_what_was_written_comes_back(
    make_desk: Callable[[], Any], statement: tuple[Habits, list[tuple[date, str, Decimal]]]
) -> None:
    habits, rows = statement
    balance = Decimal(1000)
    lines = []
    for day, text, amount in rows:
        balance += amount
        lines.append(habits.row(day, text, amount, balance))
    order = -1 if habits.is_reversed else 1
    content = io.StringIO()
    writer = csv.writer(content, delimiter=habits.delimiter, lineterminator=habits.end)
    writer.writerows([habits.order] * habits.has_header + lines[::order])
    desk = make_desk()
    desk.settings = Settings.model_validate({"mappings": [habits.mapping()]})
    desk.drop("acme/CH93/random.csv", content.getvalue().encode(habits.encoding))
    (record,) = desk.take().new_files
    assert (record.status, record.rows_quarantined) == ("landed", 0), record.reason
    found = desk.rows("bank_transactions")
    assert [(row["booking_date"], row["remittance_text"], row["amount"]) for row in found] == rows[::order]
    assert [row["entry_ordinal"] for row in found] == list(range(1, len(rows) + 1))
    (landed,) = desk.rows("bank_statements")
    assert landed["entry_total"] == sum((amount for _, _, amount in rows), Decimal(0))
    told = {amount for _, _, amount in rows} - {0} and rows[0][0] != rows[-1][0]
    if habits.has_balance and (told or len(rows) == 1):
        assert (landed["opening_balance"], landed["closing_balance"]) == (1000, balance)
