"""The application's words: ``fr.toml`` and ``en.toml`` have the same keys, and nothing else holds a text."""

from documents.texts import Language, Texts
from documents.texts import texts as read


def texts(language: Language) -> Texts:
    """All texts of a language."""
    return read(language, __name__)
