"""Column names as people and software write them, made comparable."""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from home.mapping import Place


@lru_cache(maxsize=10_000)
def folded(name: str) -> str:
    """The name without accents, case, blanks and punctuation; letters and digits of any script stay."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    return "".join(character for character in plain if character.isalnum())


@lru_cache(maxsize=10_000)
def _alternatives(place: str) -> tuple[str | re.Pattern[str], ...]:
    """Folded names, or expressions for those with a wildcard."""
    return tuple(
        re.compile(".*".join(re.escape(folded(part)) for part in name.split("*")))
        if "*" in name
        else folded(name)
        for name in place.split("|")
    )


def position(place: Place, header: Sequence[str]) -> int | None:
    """Where the column stands in a folded header (0 = first), the first alternative first; None when nowhere."""
    if isinstance(place, int):
        return place - 1
    for name in _alternatives(place):
        if isinstance(name, str):
            if name and name in header:
                return header.index(name)
            continue
        for index, cell in enumerate(header):
            if cell and name.fullmatch(cell):
                return index
    return None
