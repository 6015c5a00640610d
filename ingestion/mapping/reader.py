"""A file read by a mapping, as any other format is."""

from pathlib import Path
from typing import Final

from ingestion.mapping.bank import BankTable
from ingestion.mapping.books import TABLES, BookTable
from ingestion.mapping.catalogue import fingerprint
from ingestion.mapping.fitting import Fit
from ingestion.mapping.place import Given
from ingestion.reading import Head, Reading, Sink

BANK_TABLES: Final = ("bank_transactions", "bank_statements")


class MappedReader:
    """Reads one file, whose table a mapping fits."""

    def __init__(self, fit: Fit, given: Given) -> None:
        self._fit = fit
        self._given = given

    @property
    def name(self) -> str:
        """The name of the mapping."""
        return self._fit.mapping.name

    @property
    def kind(self) -> str:
        """What the mapping says that the file holds."""
        return self._fit.mapping.lands_as

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables in which such a file lands."""
        return BANK_TABLES if self.kind == "bank_statement" else (TABLES[self.kind],)

    @property
    def basis(self) -> str:
        """What changes when the mapping does, or what the place of the file says of it."""
        given = self._given if self.kind == "bank_statement" else Given()
        return fingerprint(self._fit.mapping, given.account, given.account_currency, given.company_currency)

    def recognise(self, _: Head) -> bool:
        """Whether the file is of this format: that was found out before."""
        return True

    def read(self, path: Path, head: Head, sha256: str, sink: Sink) -> Reading:
        """Land what the table holds. Raises ``FileRefusedError`` when it cannot be read at all."""
        del path, head
        if self.kind == "bank_statement":
            return BankTable(self._fit, self._given, sha256, sink).read()
        return BookTable(self._fit, sha256, sink).read()
