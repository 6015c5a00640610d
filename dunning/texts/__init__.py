"""The words of reminders that stand in no template: those of the list of documents, and of the head of a letter."""

from documents.texts import Language, Texts
from documents.texts import texts as read


def texts(language: Language) -> Texts:
    """All of them in a language."""
    return read(language, __name__)
