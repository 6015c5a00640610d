"""The words of documents are complete in both languages."""

from string import Formatter

import pytest

from documents.texts import LANGUAGES, Language, language_of, texts


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_both_languages_say_the_same_things() -> None:
    french, english = texts("fr").words, texts("en").words
    assert french.keys() == english.keys()
    assert not [key for key, text in french.items() if fields(text) != fields(english[key])]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_empty(language: Language) -> None:
    assert not [key for key, text in texts(language).words.items() if not text.strip()]


@pytest.mark.parametrize(("code", "written_in"), [("fr", "fr"), ("en", "en"), ("de", "en"), (None, "en")])
def test_a_customer_of_another_language_is_written_to_in_the_one_that_is_given(
    code: str | None, written_in: Language
) -> None:
    assert language_of(code, "en") == written_in
