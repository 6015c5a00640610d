"""The words of documents: ``fr.toml`` and ``en.toml`` have the same keys. So are other packages' texts."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final, Literal

Language = Literal["fr", "en"]
LANGUAGES: Final[tuple[Language, ...]] = ("fr", "en")


@dataclass(frozen=True)
class Texts:
    """The texts of one language. Called with a key, gives the text with its values put in."""

    language: Language
    words: Mapping[str, str]

    def __call__(self, key: str, **values: object) -> str:
        """The text ``section.key``. Raises KeyError when there is none."""
        return self.words[key].format(**values) if values else self.words[key]

    def counted(self, key: str, count: int, **values: object) -> str:
        """``key.one`` or ``key.many``; in French, none is singular."""
        is_one = count == 1 or (count == 0 and self.language == "fr")
        return self(f"{key}.{'one' if is_one else 'many'}", count=self.number(count), **values)

    def number(self, count: int) -> str:
        """A count with its thousands grouped."""
        return f"{count:,}".replace(",", "\u202f" if self.language == "fr" else ",")

    def code(self, kind: str, code: str | None) -> str:
        """What a code of the marts is called; the code itself where no word is known, nothing for none."""
        return "" if code is None else self.words.get(f"{kind}.{code}", code)


@cache
def texts(language: Language, package: str = __name__) -> Texts:
    """All texts of a language that a package holds; by default those of documents."""
    content = tomllib.loads(files(package).joinpath(f"{language}.toml").read_text(encoding="utf-8"))
    return Texts(language, dict(_flat(content)))


def language_of(code: str | None, otherwise: Language) -> Language:
    """The language that a third party is written to in, where one is told and documents know it."""
    return next((one for one in LANGUAGES if one == code), otherwise)


def _flat(content: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    for key, value in content.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{before}{key}.")
        else:
            yield f"{before}{key}", value
