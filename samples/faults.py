"""The faults that a controller meets, put among the files on purpose."""

from datetime import date
from pathlib import Path

from samples.fec_writer import COLUMNS, account_text
from samples.profiles import Profile


def impossible_entry(profile: Profile, year: int) -> tuple[str, ...]:
    """The rows of an entry dated 31 February: both cannot be read, and together they balance."""
    number = "999999"
    journal, name = profile.journals[-1]
    rows = []
    for account, label, debit, credit in (
        ("606100", "Fournitures non stockables", "48,50", "0,00"),
        ("401000", "Fournisseurs", "0,00", "48,50"),
    ):
        cells = dict.fromkeys(COLUMNS, "") | {
            "JournalCode": journal,
            "JournalLib": name,
            "EcritureNum": number,
            "EcritureDate": f"{year}0231",
            "CompteNum": account_text(profile, account),
            "CompteLib": label,
            "PieceRef": "OD-SAISIE",
            "PieceDate": date(year, 2, 28).strftime("%Y%m%d"),
            "EcritureLib": "Écriture à la date impossible",
            "Debit": debit,
            "Credit": credit,
        }
        rows.append(profile.fec_separator.join(cells.values()))
    return tuple(rows)


def cut_short(path: Path) -> None:
    """Leave the first six tenths of a file, as a download that was interrupted does."""
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * 6 // 10])
