"""The e-mail as the customer's program gets it."""

import email
import io
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
from pypdf import PdfReader

from dunning.errors import AddressError
from dunning.letters import Templates
from dunning.message import Sender, compose, recipient
from dunning.paper import as_pdf
from tests.unit.dunning.actions import item, make_action

SENDER = Sender.of("compta@acme.example", "clients@acme.example")


@pytest.fixture
def templates(tmp_path: Path) -> Templates:
    return Templates(tmp_path)


def received(content: bytes) -> EmailMessage:
    message = email.message_from_bytes(content, policy=default)
    assert isinstance(message, EmailMessage)
    return message


def test_it_has_text_html_and_the_statement_of_account(templates: Templates) -> None:
    action = make_action()
    message = received(bytes(compose(action, templates.letter(action), SENDER)))
    plain, html = message.get_body(("plain",)), message.get_body(("html",))
    assert plain is not None
    assert html is not None
    for part in (plain.get_content(), html.get_content()):
        assert "FA2026-000001" in part
        assert "1\u202f234,56\u00a0€" in part
    [statement] = message.iter_attachments()
    assert statement.get_filename() == "releve-de-compte-2026-06-30.pdf"
    page = PdfReader(io.BytesIO(statement.get_content())).pages[0].extract_text()
    assert "Relevé de compte" in page
    assert "FA2026-000001" in page


def test_it_says_who_writes_to_whom(templates: Templates) -> None:
    action = make_action()
    message = received(bytes(compose(action, templates.letter(action), SENDER)))
    assert str(message["From"]) == "Brindille Conseil <compta@acme.example>"
    assert message["To"].addresses[0].display_name == "Crêperie Cœur & Fils <Nantes>"
    assert message["To"].addresses[0].addr_spec == "customer1@creperie.example"
    assert str(message["Reply-To"]) == "clients@acme.example"
    assert "Relance" in str(message["Subject"])


def test_the_senders_own_name_stands_before_the_companys(templates: Templates) -> None:
    action = make_action()
    sender = Sender.of("Comptabilité clients <compta@acme.example>")
    message = received(bytes(compose(action, templates.letter(action), sender)))
    assert str(message["From"]) == "Comptabilité clients <compta@acme.example>"
    assert message["Reply-To"] is None


def test_answers_may_go_to_somebody_with_a_name(templates: Templates) -> None:
    action = make_action()
    sender = Sender.of("compta@acme.example", "Équipe clients <clients@acme.example>")
    message = received(bytes(compose(action, templates.letter(action), sender)))
    assert str(message["Reply-To"]) == "Équipe clients <clients@acme.example>"


def test_it_is_seven_bits_and_no_line_is_too_long(templates: Templates) -> None:
    action = make_action(customer_name="Ł" * 300)
    content = bytes(compose(action, templates.letter(action), SENDER))
    content.decode("ascii")
    # RFC 5321, 4.5.3.1.6.
    assert max(map(len, content.split(b"\r\n"))) <= 998


@pytest.mark.parametrize(
    "hostile",
    [
        "Martin\r\nBcc: everybody@example.com",
        "Martin\nSubject: changed",
        "Martin\r\n\r\nA body",
        "\rBcc: everybody@example.com",
        'Martin" <everybody@example.com>, "',
        "Martin\u0085Bcc: everybody@example.com",
    ],
)
def test_names_forge_no_header(templates: Templates, hostile: str) -> None:
    action = make_action(customer_name=hostile, company_name=hostile, customer_code=hostile)
    message = received(bytes(compose(action, templates.letter(action), Sender.of("compta@acme.example"))))
    expected = {"Subject", "From", "To", "MIME-Version", "Content-Type"}
    assert set(message.keys()) == expected
    assert [one.addr_spec for one in message["To"].addresses] == ["customer1@creperie.example"]
    assert [one.addr_spec for one in message["From"].addresses] == ["compta@acme.example"]


@pytest.mark.parametrize(
    "address",
    [
        None,
        "",
        "compta",
        "a@b",
        "a@b.example, c@d.example",
        "a@b.example; c@d.example",
        "a@b.example\r\nRCPT TO:<everybody@example.com>",
        "<a@b.example>",
        "a b@c.example",
        "é@c.example",
        "a@c..example",
        "a@" + "x" * 70 + ".example",
    ],
)
def test_what_is_not_one_address_is_refused_in_a_sentence(address: str | None) -> None:
    with pytest.raises(AddressError) as caught:
        recipient(make_action(email=address))
    sentence = str(caught.value)
    assert "(C00001)" in sentence
    assert "third_parties.csv" in sentence
    assert "\n" not in sentence
    assert "\r" not in sentence


def test_a_domain_with_accents_is_written_as_the_wire_wants_it() -> None:
    assert recipient(make_action(email=" compta@bücher.example ")) == "compta@xn--bcher-kva.example"


def test_a_letter_to_post_has_the_statement_on_its_own_page(templates: Templates) -> None:
    action = make_action(channel="registered_letter", tone="formal")
    pages = [
        one.extract_text() for one in PdfReader(io.BytesIO(as_pdf(action, templates.letter(action)))).pages
    ]
    letter, statement = (one.replace("\u00a0", " ") for one in pages)
    assert "Lettre recommandée avec avis de réception" in letter
    assert "Objet : MISE EN DEMEURE de payer 1 234,56 €" in letter
    assert "Le 30/06/2026" in letter
    assert "Relevé de compte" in statement


def test_a_plain_letter_does_not_say_registered(templates: Templates) -> None:
    action = make_action(channel="letter", language="en")
    page = PdfReader(io.BytesIO(as_pdf(action, templates.letter(action)))).pages[0].extract_text()
    assert "Registered" not in page
    assert "Subject: Overdue account" in page


def test_a_letter_of_many_documents_goes_on_over_pages(templates: Templates) -> None:
    action = make_action(items=[item(number) for number in range(90)])
    pages = [
        one.extract_text() for one in PdfReader(io.BytesIO(as_pdf(action, templates.letter(action)))).pages
    ]
    assert "FA2026-000000" in pages[0]
    assert any("FA2026-000089" in one and "Échéance" in one for one in pages[1:])
