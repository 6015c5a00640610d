"""The words by which exports say debit or credit, customer or supplier, invoice or credit note."""

from collections.abc import Mapping as Named
from typing import Any, Final

import numpy as np
import pyarrow as pa

from ingestion.mapping.cells import Mask
from ingestion.mapping.names import folded

DIRECTIONS: Final = {
    "-": "debit",
    "+": "credit",
    **dict.fromkeys(
        (
            "d",
            "db",
            "dr",
            "dbit",
            "debit",
            "debits",
            "debet",
            "belastung",
            "lastschrift",
            "soll",
            "s",
            "addebito",
        ),
        "debit",
    ),
    **dict.fromkeys(("dare", "af", "out", "withdrawal", "payment", "sortie", "uscita", "ausgang"), "debit"),
    **dict.fromkeys(
        ("c", "cr", "crdt", "credit", "credits", "kredit", "gutschrift", "haben", "h", "accredito"), "credit"
    ),
    **dict.fromkeys(("avere", "bij", "in", "deposit", "entree", "entrata", "eingang"), "credit"),
}
"""For bank movements: debit is money out."""

SIDES: Final = {**DIRECTIONS, "+": "debit", "-": "credit", "1": "debit", "+1": "debit", "-1": "credit"}
"""For ledger lines, as the FEC's Sens has it."""

KINDS: Final = {
    **dict.fromkeys(
        ("customer", "customers", "client", "clients", "cliente", "kunde", "debitor"), "customer"
    ),
    **dict.fromkeys(("supplier", "suppliers", "vendor", "fournisseur", "fornitore", "lieferant"), "supplier"),
}

DOCUMENT_TYPES: Final = {
    **dict.fromkeys(("invoice", "facture", "rechnung", "fattura", "bill"), "invoice"),
    **dict.fromkeys(("creditnote", "creditmemo", "avoir", "gutschrift", "notadicredito"), "credit_note"),
}


def translated(cells: Any, usual: Named[str, str], own: Named[str, str]) -> tuple[pa.Array, Mask]:
    """What the words of a column mean, by the mapping's own words or else the usual ones, and which mean nothing.

    An empty cell means nothing too, and is null.
    """
    said = {word.strip(): meaning for word, meaning in own.items()}
    encoded = cells.dictionary_encode()
    meanings = [
        said.get(word) or usual.get(word) or usual.get(folded(word))
        for word in encoded.dictionary.to_pylist()
    ]
    index = encoded.indices
    is_bad = np.array([meaning is None for meaning in meanings], bool)[index.to_numpy()]
    return pa.array(meanings, pa.string()).take(index), is_bad
