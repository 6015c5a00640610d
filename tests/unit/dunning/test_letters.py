"""What a customer reads, in each tone and language, and what a home's own templates may and may not do."""

import re
from dataclasses import replace
from decimal import Decimal
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import dunning
from documents.texts import LANGUAGES, Language
from dunning.action import TONES, Tone, clean
from dunning.errors import TemplateFaultError
from dunning.letters import Letter, Templates
from dunning.message import as_html, as_text
from tests.unit.dunning.actions import item, make_action

ADDED = {"penalties": Decimal("41.27"), "compensation": Decimal("40.00")}
EACH = list(product(LANGUAGES, TONES))
PLACES = re.compile("[\u00a0\u202f]")


@pytest.fixture
def templates(tmp_path: Path) -> Templates:
    """Those of Encours."""
    return Templates(tmp_path / "templates")


def own(folder: Path, text: str, name: str = "fr/firm.txt") -> Templates:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return Templates(folder)


def told(letter: Letter) -> str:
    """Subject and text with plain blanks, as one line."""
    return " ".join(PLACES.sub(" ", f"{letter.subject}\n{as_text(letter)}").split())


# --- the words of Encours ---


@pytest.mark.parametrize(("language", "tone"), EACH)
def test_every_reminder_names_both_the_documents_and_the_sum(
    templates: Templates, language: Language, tone: Tone
) -> None:
    for items in ([item(1)], [item(1), item(2, amount="100.00")]):
        action = make_action(language=language, tone=tone, items=items, **ADDED)
        text = told(templates.letter(action))
        total = {"fr": ("1 234,56 €", "1 334,56 €"), "en": ("€1,234.56", "€1,334.56")}[language][
            len(items) - 1
        ]
        for wanted in ("Brindille Conseil", total, *(one.document_ref for one in items)):
            assert wanted in text, wanted
        assert "{" not in text
        assert "\x01" not in text


def test_a_formal_notice_in_french(templates: Templates) -> None:
    letter = templates.letter(make_action(tone="formal", **ADDED))
    assert PLACES.sub(" ", letter.subject) == "MISE EN DEMEURE de payer 1 315,83 €"
    text = told(letter)
    for wanted in (
        "qui vaut interpellation suffisante au sens de l'article 1344 du Code civil, nous vous mettons en demeure de "
        "nous payer la somme de 1 315,83 € dans un délai de huit jours à compter de sa réception.",
        "En application de l'article L. 441-10 du Code de commerce, les pénalités de retard, exigibles sans qu'un "
        "rappel soit nécessaire, continuent de courir jusqu'au paiement intégral",
        "fixée à 40 euros par facture (article D. 441-5 du même code), est due de plein droit.",
        "Total des documents 1 234,56 €",
        "Pénalités de retard (art. L. 441-10) 41,27 €",
        "Indemnité de recouvrement (art. D. 441-5) 40,00 €",
        "Total à régler 1 315,83 €",
    ):
        assert wanted in text, wanted
    assert "1344-1" not in text


def test_a_formal_notice_in_english(templates: Templates) -> None:
    text = told(templates.letter(make_action(tone="formal", language="en", **ADDED)))
    for wanted in (
        "FORMAL NOTICE to pay €1,315.83",
        "within the meaning of Article 1344 of the French Civil Code. We hereby require you to pay €1,315.83 within "
        "eight days of its receipt.",
        "Late-payment interest (Art. L. 441-10) €41.27",
        "Fixed compensation (Art. D. 441-5) €40.00",
    ):
        assert wanted in text, wanted


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_formal_notice_without_penalties_starts_interest_at_the_legal_rate(
    templates: Templates, language: Language
) -> None:
    text = told(templates.letter(make_action(tone="formal", language=language)))
    assert "rticle 1344-1" in text
    assert "441-10" not in text
    assert "441-5" not in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_courteous_reminder_tells_of_penalties_and_does_not_ask_for_them(
    templates: Templates, language: Language
) -> None:
    letter = templates.letter(make_action(tone="courteous", language=language, **ADDED))
    assert [PLACES.sub(" ", amount) for _, amount in letter.demand.sums] == [
        {"fr": "1 234,56 €", "en": "€1,234.56"}[language]
    ]
    assert {"fr": "41,27 €", "en": "€41.27"}[language] in told(letter)
    assert {"fr": "ces sommes à ce stade", "en": "these sums at this stage"}[language] in told(letter)
    one = told(templates.letter(make_action(tone="courteous", language=language, compensation=Decimal(40))))
    assert {"fr": "s'élève à 40,00 €", "en": "amounts to €40.00"}[language] in one
    assert {"fr": "cette somme à ce stade", "en": "this sum at this stage"}[language] in one


@pytest.mark.parametrize(("language", "tone"), EACH)
def test_credits_that_wait_are_told(templates: Templates, language: Language, tone: Tone) -> None:
    shown = {"fr": "34,56 €", "en": "€34.56"}[language]
    action = make_action(language=language, tone=tone, credits=Decimal("34.56"))
    assert shown in told(templates.letter(action)).replace("1 2" + shown, "")
    assert "34.56 of" not in told(templates.letter(make_action(language=language, tone=tone)))


def test_words_agree_with_their_number(templates: Templates) -> None:
    one = told(templates.letter(make_action(oldest_days=1)))
    many = told(templates.letter(make_action(items=[item(1), item(2)])))
    assert "l'échéance suivante demeure impayée depuis 1 jour :" in one
    assert "les 2 échéances suivantes demeurent impayées, la plus ancienne depuis 21 jours :" in many


def test_french_templates_keep_a_blank_that_does_not_break_before_marks() -> None:
    folder = Path(dunning.__file__).parent / "templates" / "fr"
    for template in folder.glob("*.txt"):
        words = re.sub(r"\{[{%].*?[%}]\}", "x", template.read_text(encoding="utf-8"))
        assert not re.search(r"[^\u00a0\n][:;?!]", words), template.name


def test_both_languages_have_the_same_templates() -> None:
    folder = Path(dunning.__file__).parent / "templates"
    expected = {f"{tone}.txt" for tone in TONES}
    for language in LANGUAGES:
        assert {one.name for one in (folder / language).iterdir()} == expected


# --- names of customers are data ---


@pytest.mark.parametrize(
    "name",
    [
        "{{ 7 * 7 }}",
        "{% include '/etc/passwd' %}",
        "\x01documents\x01",
        "Martin\r\nBcc: everybody@example.com",
        "Martin\u2028\u202eevil",
    ],
)
def test_a_name_is_neither_template_nor_line(tmp_path: Path, name: str) -> None:
    templates = own(
        tmp_path, "To {{ customer }} of {{ company }}\n\n{{ customer }}\n\n{{ documents }}\n", "fr/firm.txt"
    )
    letter = templates.letter(make_action(customer_name=name, company_name=name))
    assert letter.before == (clean(name),)
    assert "49" not in letter.subject
    assert not re.search(r"[\r\n\x01\u2028\u202e]", letter.subject)


def test_markup_in_names_and_documents_is_escaped_in_html(templates: Templates) -> None:
    hostile = "<script>alert(1)</script>&\"'"
    action = make_action(company_name=hostile, items=[replace(item(1), document_ref=hostile[:39])])
    page = as_html(templates.letter(action), "fr")
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


@given(st.text(max_size=60))
def test_what_is_cleaned_is_one_printable_line(text: str) -> None:
    cleaned = clean(text)
    assert len(cleaned.splitlines()) <= 1
    assert cleaned == cleaned.strip(" ")
    assert all(one.isprintable() or one in "\u00a0\u202f" for one in cleaned)


# --- a home's own templates ---


def test_a_home_may_write_its_own(tmp_path: Path) -> None:
    templates = own(
        tmp_path, "Payez {{ total }}\n\nCher {{ customer }},\n\n{{ documents }}\n\nAdieu\nLe patron\n"
    )
    letter = templates.letter(make_action())
    assert PLACES.sub(" ", letter.subject) == "Payez 1 234,56 €"
    assert letter.before == ("Cher Crêperie Cœur & Fils <Nantes>,",)
    assert letter.after == ("Adieu\nLe patron",)
    # The other tones and languages stay those of Encours.
    assert "FORMAL NOTICE" in templates.letter(make_action(tone="formal", language="en")).subject


def test_a_home_may_add_to_what_encours_writes(tmp_path: Path) -> None:
    templates = own(tmp_path, "{% include 'encours/fr/firm.txt' %}\n\n{% include '_bank.txt' %}")
    own(tmp_path, "Payable au compte FR76", "_bank.txt")
    templates.refuse_unknown()
    letter = templates.letter(make_action())
    assert "Relance" in letter.subject
    assert letter.after[-1] == "Payable au compte FR76"


@pytest.mark.parametrize(
    ("text", "told_as"),
    [
        ("Objet\n\n{{ documents }}\n\n{{ montant }}\n", "line 5: 'montant' is undefined; correct that line."),
        ("Objet\n\n{{ documents }}\n\n{% if %}\n", "line 5: "),
        ("Objet\n\n{{ documents }}\n\n{{ amount.__class__.__mro__ }}\n", "line 5: "),
        ("Objet\n\n{{ documents }}\n\n{{ 1 / 0 }}\n", "line 5: division by zero"),
        ("Objet\n\n{{ documents }}\n\n{% include 'nowhere.txt' %}\n", "there is no template nowhere.txt"),
        ("Objet\n\nSans liste\n", "must show the list of documents once"),
        ("Objet\n\nVoici {{ documents }} enfin\n", "must show the list of documents once"),
        ("Objet\n\n{{ documents }}\n\n{{ documents }}\n", "must show the list of documents once"),
        ("\n\n{{ documents }}\n", "line 1: it gives no subject"),
    ],
)
def test_a_broken_template_is_one_sentence_that_names_file_and_line(
    tmp_path: Path, text: str, told_as: str
) -> None:
    templates = own(tmp_path, text)
    with pytest.raises(TemplateFaultError) as caught:
        templates.letter(make_action())
    sentence = str(caught.value)
    assert sentence.startswith(str(tmp_path / "fr" / "firm.txt"))
    assert told_as in sentence
    assert "\n" not in sentence
    assert sentence.endswith((".", "}"))


def test_a_template_that_is_not_utf_8_is_told(tmp_path: Path) -> None:
    (tmp_path / "fr").mkdir()
    (tmp_path / "fr" / "firm.txt").write_bytes("Échéance".encode("cp1252"))
    with pytest.raises(TemplateFaultError, match=r"firm\.txt: it is not UTF-8"):
        Templates(tmp_path).letter(make_action())


def test_a_file_that_nothing_reads_is_told(tmp_path: Path) -> None:
    templates = own(tmp_path, "Objet", "fr/ferme.txt")
    with pytest.raises(TemplateFaultError, match=r"ferme\.txt: no reminder is written from it"):
        templates.refuse_unknown()


def test_a_template_cannot_read_files_of_the_machine(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("secret", encoding="utf-8")
    templates = own(tmp_path / "templates", "O\n\n{{ documents }}\n\n{% include '../secret.txt' %}\n")
    with pytest.raises(TemplateFaultError, match="there is no template"):
        templates.letter(make_action())
