"""The words of reminders: Jinja templates, one per tone and language, of which a home may put its own in the place.

A template is plain text: the subject on its first line, an empty line, then paragraphs. One of them is the list of
documents. Names of customers and documents are values: they are never read as a template, nor as HTML.
"""

import re
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Final

from jinja2 import (
    ChoiceLoader,
    FileSystemLoader,
    PackageLoader,
    PrefixLoader,
    StrictUndefined,
    TemplateNotFound,
    TemplateSyntaxError,
)
from jinja2.sandbox import ImmutableSandboxedEnvironment

from documents import formats
from documents.texts import LANGUAGES
from dunning.action import TONES, Action, clean
from dunning.demand import Demand, demand
from dunning.errors import TemplateFaultError

PACKAGED: Final = "encours"
"""Folder under which a home's own template finds those of Encours, to include or extend them."""

# Control characters stand in no text of a customer: see ``clean``.
LISTS: Final = {"documents": "\x01documents\x01", "documents_with_penalties": "\x01penalties\x01"}


@dataclass(frozen=True)
class Letter:
    """A reminder in words: paragraphs before and after what it asks for. A paragraph may have several lines."""

    subject: str
    before: tuple[str, ...]
    demand: Demand
    after: tuple[str, ...]


class Templates:
    """The templates of a home: its own in ``folder`` where it has any, else those of Encours."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        packaged = PackageLoader("dunning", "templates")
        own = FileSystemLoader(folder)
        # Plain text: what becomes HTML is escaped where it does.
        self._environment = ImmutableSandboxedEnvironment(
            loader=ChoiceLoader([own, PrefixLoader({PACKAGED: packaged}), packaged]),
            undefined=StrictUndefined,
        )

    def refuse_unknown(self) -> None:
        """Raise TemplateFaultError when the folder holds a file that no reminder is written from."""
        known = {f"{language}/{tone}.txt" for language in LANGUAGES for tone in TONES}
        for path in sorted(self._folder.rglob("*")):
            name = path.relative_to(self._folder).as_posix()
            if path.is_file() and name not in known and not path.name.startswith(("_", ".")):
                raise TemplateFaultError(
                    f"{path}: no reminder is written from it; name it <language>/<tone>.txt, of {', '.join(LANGUAGES)} "
                    f"and {', '.join(TONES)}, or let its name begin with _ when others include it."
                )

    def letter(self, action: Action) -> Letter:
        """The words of an action. Raises TemplateFaultError."""
        name = f"{action.language}/{action.tone}.txt"
        with self._told(name):
            rendered = self._environment.get_template(name).render(_values(action))
        subject, _, body = rendered.strip().partition("\n")
        if not clean(subject) or any(mark in subject for mark in LISTS.values()):
            raise TemplateFaultError(f"{self._path(name)}, line 1: it gives no subject; write it there.")
        paragraphs = [paragraph.strip() for paragraph in re.split(r"\n\s*\n", body)]
        paragraphs = ["\n".join(map(clean_line, one.splitlines())) for one in paragraphs if one]
        found = [place for place, one in enumerate(paragraphs) if any(mark in one for mark in LISTS.values())]
        if len(found) != 1 or paragraphs[found[0]] not in LISTS.values():
            raise TemplateFaultError(
                f"{self._path(name)}: it must show the list of documents once, in a paragraph of its own; write "
                "{{ documents }} or {{ documents_with_penalties }} between two empty lines."
            )
        [place] = found
        with_penalties = paragraphs[place] == LISTS["documents_with_penalties"]
        return Letter(
            clean(subject),
            tuple(paragraphs[:place]),
            demand(action, with_penalties=with_penalties),
            tuple(paragraphs[place + 1 :]),
        )

    def _path(self, name: str) -> str:
        own = self._folder / name
        return str(own) if own.exists() else f"template {name}"

    @contextmanager
    def _told(self, name: str) -> Iterator[None]:
        """What goes wrong in a template, in one sentence."""
        try:
            yield
        except TemplateSyntaxError as error:
            raise TemplateFaultError(
                f"{error.filename or self._path(name)}, line {error.lineno}: {_what(error)}; correct that line."
            ) from None
        except TemplateNotFound as error:
            raise TemplateFaultError(
                f"{self._path(name)}: there is no template {error.name} to include; those of Encours are "
                f"{PACKAGED}/<language>/<tone>.txt."
            ) from None
        except UnicodeDecodeError:
            raise TemplateFaultError(f"{self._path(name)}: it is not UTF-8; save it as UTF-8 text.") from None
        except Exception as error:
            raise TemplateFaultError(
                f"{self._place(error, name)}: {_what(error)}; correct that line."
            ) from error

    def _place(self, error: Exception, name: str) -> str:
        """File and line of a template that an error comes from: Jinja writes them into the traceback."""
        for frame in reversed(traceback.extract_tb(error.__traceback__)):
            if frame.filename.endswith(".txt"):
                return f"{frame.filename}, line {frame.lineno}"
        return self._path(name)


def clean_line(line: str) -> str:
    """A line of a letter without control characters, but with the mark of a list of documents."""
    return line if line in LISTS.values() else clean(line)


def _what(error: Exception) -> str:
    return clean(str(error)).rstrip(".") or type(error).__name__


def _values(action: Action) -> Mapping[str, object]:
    """What templates may name; docs/dunning.md lists it."""

    def money(value: Decimal) -> str:
        return formats.amount(value, action.currency, action.language) if value else ""

    return {
        **LISTS,
        "company": clean(action.company_name),
        "customer": clean(action.customer_name),
        "code": clean(action.customer_code),
        "as_of": formats.day(action.as_of_date, action.language),
        "level": action.level,
        "level_name": clean(action.level_name),
        "channel": action.channel,
        "count": len(action.items),
        "oldest_days": action.oldest_days,
        "amount": money(action.amount),
        "penalties": money(action.penalties),
        "compensation": money(action.compensation),
        "total": money(action.total),
        "credits": money(action.credits),
    }
