"""Factur-X and ZUGFeRD: a PDF for people with the same invoice in XML attached.

Here: how the XML is taken out of the PDF. What it says is told by ``cii`` and ``ubl``. Only attachments are looked at:
never pages, scripts or forms.
"""

import atexit
import json
import subprocess
import sys
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Lock
from typing import Any, Final

from lxml import etree

from ingestion.formats import cii, pdf_attachments, ubl
from ingestion.formats.e_invoice import SEND_AGAIN, EInvoice, land, parse
from ingestion.reading import FileRefusedError, Head, Reading, Sink

LARGEST: Final = 100 << 20
SECONDS: Final = 30.0
"""How long one PDF may take: a thousand times what an invoice takes."""

PLAIN: Final = "Ask for the Factur-X, or list the invoice in invoices.csv."

FAULTS: Final = {
    "plain": ("it is an ordinary PDF: no invoice in XML is attached to it", PLAIN),
    "locked": ("it is a PDF that only opens with a password", "Save it without password."),
    "broken": ("its PDF is damaged", SEND_AGAIN),
    "large": ("its PDF unpacks to more than an invoice can be", SEND_AGAIN),
}


class FacturxReader:
    """Reads the XML attached to a PDF into ``e_invoices``."""

    kind = "e_invoice"
    tables = ("e_invoices",)

    def recognise(self, head: Head) -> bool:
        """Whether the file begins as a PDF."""
        return head.raw.lstrip(b"\xef\xbb\xbf \t\r\n\0").startswith(b"%PDF-")

    def read(self, path: Path, head: Head, sha256: str, sink: Sink) -> Reading:
        """Land the document.

        Raises ``FileRefusedError`` when nothing is attached, what is attached is no invoice, or cannot be read.
        """
        del head
        if path.stat().st_size > LARGEST:
            raise FileRefusedError(f"it is a PDF of more than {LARGEST >> 20} MB", PLAIN)
        name, content = EXTRACTOR.attachment(path)
        try:
            invoice = _invoice_of(parse(content))
        except FileRefusedError as refusal:
            raise FileRefusedError(f"in its attachment {name}: {refusal.reason}", refusal.remedy) from None
        return land(invoice, f"PDF;{name}", sha256, sink)


def _invoice_of(root: Any) -> EInvoice:
    name = etree.QName(root).localname
    if name in (*cii.ROOTS, cii.ORDER):
        return cii.invoice_of(root)
    if ubl.NAMESPACE.match(etree.QName(root).namespace or ""):
        return ubl.invoice_of(root)
    raise FileRefusedError(f"its root element {name} is that of no invoice", PLAIN)


class Extractor:
    """The process that takes attachments out: started with the first PDF, ended with ours or when it fails."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._connection: Connection | None = None

    def attachment(self, path: Path) -> tuple[str, bytes]:
        """The name and the content of the XML attached to a PDF. Raises ``FileRefusedError`` when there is none."""
        with self._lock:
            try:
                answer, content = self._ask(path)
            except (EOFError, OSError):
                self.stop()
                raise FileRefusedError(
                    "reading its PDF failed: it is damaged, or made to do harm", PLAIN
                ) from None
            if answer.get("fault") == "large":
                # What its memory is like after that, nobody knows.
                self.stop()
        if fault := answer.get("fault"):
            raise FileRefusedError(*FAULTS[fault])
        return answer["name"], content

    def stop(self) -> None:
        """End the process, if there is one."""
        if self._connection:
            self._connection.close()
        if self._process:
            self._process.kill()
            self._process.wait()
        self._process = self._connection = None

    def _ask(self, path: Path) -> tuple[dict[str, str], bytes]:
        connection = self._connection or self._start()
        connection.send_bytes(str(path).encode())
        if not connection.poll(SECONDS):
            raise EOFError
        answer: dict[str, str] = json.loads(connection.recv_bytes())
        return answer, connection.recv_bytes() if "name" in answer else b""

    def _start(self) -> Connection:
        self.stop()
        ours, theirs = Pipe()
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                [sys.executable, "-P", pdf_attachments.__file__, str(theirs.fileno())],
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        self._connection = ours
        return ours


EXTRACTOR: Final = Extractor()
atexit.register(EXTRACTOR.stop)
READER: Final = FacturxReader()
