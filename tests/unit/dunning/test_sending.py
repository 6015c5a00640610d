"""What a mail server and the log are told, and what people read when it does not go well."""

import email
import hashlib
import sqlite3
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from dunning.action import Action
from dunning.errors import SendingError
from dunning.log import Log, sent_table
from dunning.message import POLICY
from dunning.sending import Told, one_sender_at_a_time, send
from home.layout import Home
from home.settings import Settings
from tests.unit.dunning.actions import item, make_action
from tests.unit.dunning.mail_server import HOST, PASSWORD, USER, MailServer, certificate, mail_server

MARTS = datetime(2026, 6, 30, 6, tzinfo=UTC)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home.at(tmp_path)


@pytest.fixture
def server() -> Iterator[MailServer]:
    """In the clear: what is tested with it is not the line."""
    with mail_server() as running:
        yield running


def settings_for(server: MailServer, **smtp: Any) -> Settings:
    told = {
        "host": HOST,
        "port": server.port,
        "security": "none",
        "sender": "Compta <compta@acme.example>",
        "messages_per_minute": 60_000,
        **smtp,
    }
    return Settings.model_validate({"dunning": {"smtp": told}})


def compose(action: Action) -> EmailMessage:
    message = EmailMessage(policy=POLICY)
    message["Subject"] = "Relance"
    message["From"] = "compta@acme.example"
    message["To"] = action.email
    message.set_content("Payez.")
    return message


def sent(home: Home, settings: Settings, *actions: Action) -> list[Told]:
    return list(send(home, settings, actions, compose, marts_known_at=MARTS))


def outcomes(told: list[Told]) -> list[str]:
    return [one.outcome for one in told]


def to(address: str, number: int = 1) -> Action:
    return make_action(number, email=f"{address}@customer.example")


def logged(home: Home) -> list[tuple[str, str]]:
    with Log(home.dunning_log) as log:
        return [(action_id, entry.outcome) for action_id, entry in log.of_actions().items()]


# --- a server that takes them ---


def test_each_is_sent_once_and_the_log_says_so(home: Home, server: MailServer) -> None:
    actions = [make_action(number) for number in range(3)]
    settings = settings_for(server)
    assert outcomes(sent(home, settings, *actions)) == ["sent"] * 3
    assert server.recipients == [action.email for action in actions]
    assert logged(home) == [(action.action_id, "sent") for action in actions]
    again = sent(home, settings, *actions)
    assert outcomes(again) == ["already"] * 3
    assert "it is sent already" in again[0].why
    assert len(server.delivered) == 3


def test_the_log_knows_the_very_message(home: Home, server: MailServer) -> None:
    sent(home, settings_for(server), make_action())
    [(_, content)] = server.delivered
    with Log(home.dunning_log) as log:
        [entry] = log.named("action0001")
    message = email.message_from_bytes(content)
    assert message["Message-ID"] == entry.message_id
    assert entry.message_id.startswith("<action0001.")
    assert message["Date"]
    assert entry.sha256 == hashlib.sha256(content).hexdigest()
    assert (entry.recipient, entry.told_by) == ("customer1@creperie.example", "server")


def test_a_blind_copy_goes_to_the_archive(home: Home, server: MailServer) -> None:
    sent(home, settings_for(server, copy_to="archive@acme.example"), make_action())
    [(recipients, content)] = server.delivered
    assert recipients == ("customer1@creperie.example", "archive@acme.example")
    assert b"archive" not in content


def test_a_refresh_reads_the_log_back(home: Home, server: MailServer) -> None:
    action = make_action(items=[item(1, level=2), item(2, level=1)])
    sent(home, settings_for(server), action, to("nobody", 3))
    rows = sent_table(home).to_pylist()
    assert [(row["item_id"], row["level"], row["channel"], row["outcome"]) for row in rows] == [
        ("item-1", 2, "email", "sent"),
        ("item-2", 1, "email", "sent"),
        ("item-3", 2, "email", "failed"),
    ]
    assert {row["document_ref"] for row in rows} == {
        "FA2026-000001",
        "FA2026-000002",
        "FA2026-000003",
    }
    assert all(row["sent_at"].tzinfo and row["third_party_id"].startswith("acme/customer/") for row in rows)


def test_nothing_was_ever_sent(home: Home) -> None:
    assert sent_table(home).num_rows == 0
    assert not home.dunning_log.exists()


def test_the_day_is_that_of_the_homes_clocks(home: Home, server: MailServer) -> None:
    now = datetime.now(UTC)
    zones = {"Pacific/Kiritimati": timedelta(hours=14), "Pacific/Pago_Pago": timedelta(hours=-11)}
    for number, zone in enumerate(zones):
        settings = settings_for(server).model_copy(update={"time_zone": zone})
        sent(home, settings, make_action(number))
    days = [row["sent_on"] for row in sent_table(home).to_pylist()]
    # 25 hours apart: the two are never on one day.
    assert days == [(now + away).date() for away in zones.values()]


# --- whoever was written to is not written to again ---


def test_a_document_written_about_since_the_marts_were_made_waits(home: Home, server: MailServer) -> None:
    settings = settings_for(server)
    sent(home, settings, make_action(1))
    other = make_action(2, items=[item(2), item(1)])
    [told] = sent(home, settings, other)
    assert told.outcome == "already"
    assert "the marts do not know it yet" in told.why
    later = list(send(home, settings, [other], compose, marts_known_at=datetime.now(UTC)))
    assert outcomes(later) == ["sent"]


def test_what_was_refused_is_tried_again(home: Home, server: MailServer) -> None:
    settings = settings_for(server)
    assert outcomes(sent(home, settings, to("later"))) == ["failed"]
    assert outcomes(sent(home, settings, make_action(1))) == ["sent"]
    with Log(home.dunning_log) as log:
        assert [one.outcome for one in log.named("action0001")] == ["failed", "sent"]


def test_two_cannot_send_at_once(home: Home, server: MailServer) -> None:
    with (
        one_sender_at_a_time(home),
        pytest.raises(SendingError, match="another encours dun is sending; wait until it has ended"),
    ):
        sent(home, settings_for(server), make_action())
    assert server.delivered == []


# --- a server that does not take them ---


@pytest.mark.parametrize(
    ("address", "why"),
    [
        (
            "later",
            "the server refused it (450 4.2.0 greylisted, try later) for now; it is sent again by the next",
        ),
        ("nobody", "the server refused it (550 5.1.1 no such user) for good; correct the address"),
        ("full", "the server refused it (452 4.3.1 no room) for now"),
        ("spam", "the server refused it (554 5.7.1 we do not like it) for good"),
    ],
)
def test_a_refused_message_is_told_and_the_others_go(
    home: Home, server: MailServer, address: str, why: str
) -> None:
    told = sent(home, settings_for(server), to(address, 1), make_action(2))
    assert outcomes(told) == ["failed", "sent"]
    assert why in told[0].why
    assert logged(home) == [("action0001", "failed"), ("action0002", "sent")]


def test_an_address_that_is_none_is_told_and_leaves_no_trace(home: Home, server: MailServer) -> None:
    told = sent(home, settings_for(server), make_action(1, email="nowhere"), make_action(2))
    assert outcomes(told) == ["failed", "sent"]
    assert logged(home) == [("action0002", "sent")]


def test_a_line_that_breaks_with_a_message_on_it_leaves_it_unknown(home: Home, server: MailServer) -> None:
    settings = settings_for(server)
    told = sent(home, settings, to("lost", 1), make_action(2))
    assert outcomes(told) == ["unknown", "sent"]
    assert "the line broke while the server had it" in told[0].why
    # It is never sent again by itself.
    assert outcomes(sent(home, settings, to("lost", 1))) == ["already"]
    with Log(home.dunning_log) as log:
        [entry] = log.unknown()
    assert entry.action_id == "action0001"
    assert [row["outcome"] for row in sent_table(home).to_pylist()] == ["unknown", "sent"]


def test_a_server_that_breaks_every_line_is_given_no_more(home: Home, server: MailServer) -> None:
    with pytest.raises(SendingError, match="the line broke twice"):
        sent(home, settings_for(server), *(to("lost", number) for number in range(9)))
    assert logged(home) == [("action0000", "unknown"), ("action0001", "unknown")]


def test_a_server_that_ends_the_line_is_called_again(home: Home, server: MailServer) -> None:
    ended = []

    def end_once(stage: str, address: str) -> str | None:
        if stage == "mail" and len(server.delivered) == 1 and not ended:
            ended.append(address)
            return "421 4.3.2 that is enough for one line"
        return None

    server.before = end_once
    assert outcomes(sent(home, settings_for(server), make_action(1), make_action(2))) == ["sent", "sent"]
    assert ended
    assert len(server.delivered) == 2


def test_a_sender_whom_the_server_refuses_stops_it(home: Home, server: MailServer) -> None:
    with pytest.raises(
        SendingError, match=r"refuses refused@acme\.example as sender \(550 5\.7\.1 not you\)"
    ):
        sent(home, settings_for(server, sender="refused@acme.example"), make_action(1), make_action(2))
    assert logged(home) == [("action0001", "failed")]


def test_a_copy_that_the_server_refuses_is_no_fault_of_the_customer(home: Home, server: MailServer) -> None:
    with pytest.raises(SendingError, match=r"refuses nobody@acme\.example, which gets a copy .*copy_to"):
        sent(home, settings_for(server, copy_to="nobody@acme.example"), make_action(1), make_action(2))
    assert logged(home) == [("action0001", "failed")]
    assert server.delivered == []


def test_a_server_that_always_ends_the_line_stops_it(home: Home, server: MailServer) -> None:
    with pytest.raises(SendingError, match="ends the line before it is given a message"):
        sent(home, settings_for(server, sender="closing@acme.example"), make_action(1))
    assert logged(home) == []


def test_no_server_answers(home: Home, server: MailServer) -> None:
    with pytest.raises(SendingError, match="the mail server does not answer"):
        sent(home, settings_for(server, port=1), make_action())
    with pytest.raises(SendingError, match="nobody knows this server"):
        sent(home, settings_for(server, host="nowhere.invalid"), make_action())
    assert logged(home) == []


# --- the line ---


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """A server's context whose certificate this machine trusts."""
    context, file = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    monkeypatch.setenv("ENCOURS_SMTP_PASSWORD", PASSWORD)
    return context


def test_an_encrypted_line_with_sign_in(home: Home, trusted: ssl.SSLContext) -> None:
    with mail_server(starttls=trusted, sign_in=True) as server:
        told = sent(home, settings_for(server, security="starttls", user=USER), make_action())
    assert outcomes(told) == ["sent"]


def test_a_line_encrypted_from_the_start(home: Home, trusted: ssl.SSLContext) -> None:
    with mail_server(tls=trusted, sign_in=True) as server:
        told = sent(home, settings_for(server, security="tls", user=USER), make_action())
    assert outcomes(told) == ["sent"]


def test_encryption_is_the_default_and_a_server_without_it_gets_nothing(
    home: Home, server: MailServer
) -> None:
    settings = Settings.model_validate(
        {"dunning": {"smtp": {"host": HOST, "port": server.port, "sender": "compta@acme.example"}}}
    )
    with pytest.raises(SendingError, match="the server offers no STARTTLS here"):
        sent(home, settings, make_action())
    assert server.delivered == []
    assert logged(home) == []


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_that_nobody_vouches_for(home: Home, tmp_path: Path, security: str) -> None:
    context, _ = certificate(tmp_path)
    line: dict[str, Any] = {security: context}
    with (
        mail_server(**line) as server,
        pytest.raises(SendingError, match="the server's certificate is not right") as caught,
    ):
        sent(home, settings_for(server, security=security), make_action())
    assert "SSL_CERT_FILE" in str(caught.value)
    assert server.delivered == []


def test_a_certificate_of_another_server(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context, file = certificate(tmp_path, "other.example")
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    with (
        mail_server(starttls=context) as server,
        pytest.raises(SendingError, match="the server's certificate is not right"),
    ):
        sent(home, settings_for(server, security="starttls"), make_action())


def test_a_wrong_password(home: Home, trusted: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENCOURS_SMTP_PASSWORD", "wrong-secret")
    with (
        mail_server(starttls=trusted, sign_in=True) as server,
        pytest.raises(SendingError, match="refused the user compta or the password") as caught,
    ):
        sent(home, settings_for(server, security="starttls", user=USER), make_action())
    assert "wrong-secret" not in str(caught.value)
    assert logged(home) == []


def test_no_password(home: Home, server: MailServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ENCOURS_SMTP_PASSWORD", raising=False)
    with pytest.raises(SendingError, match="ENCOURS_SMTP_PASSWORD is not set"):
        sent(home, settings_for(server, security="starttls", user=USER), make_action())


# --- the pace ---


def test_no_more_leave_in_a_minute_than_the_settings_allow(
    home: Home, server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    clock = [0.0]

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        clock[0] += seconds

    monkeypatch.setattr("dunning.sending.time.sleep", sleep)
    monkeypatch.setattr("dunning.sending.time.monotonic", lambda: clock[0])
    sent(home, settings_for(server, messages_per_minute=30), *map(make_action, range(4)))
    assert waits == [0.0, 2.0, 2.0, 2.0]


# --- the log keeps what it has ---


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE messages SET recipient = 'x'",
        "DELETE FROM messages",
        "DELETE FROM message_items",
        "UPDATE results SET outcome = 'failed'",
        "DELETE FROM results",
        "INSERT OR REPLACE INTO messages SELECT * FROM messages",
        "INSERT OR REPLACE INTO results SELECT * FROM results",
        "INSERT OR REPLACE INTO message_items SELECT * FROM message_items",
        "INSERT INTO messages SELECT 'other', action_id, run_id, company_id, third_party_id, channel, recipient, "
        "subject, sha256, intended_at, sent_on FROM messages",
        "INSERT INTO results (message_id, outcome, told_by, reply, told_at) SELECT message_id, 'failed', 'server', "
        "'', told_at FROM results",
    ],
)
def test_the_database_itself_refuses_to_forget(home: Home, server: MailServer, statement: str) -> None:
    sent(home, settings_for(server), make_action())
    before = sent_table(home)
    connection = sqlite3.connect(home.dunning_log)
    with pytest.raises(sqlite3.IntegrityError):
        connection.execute(statement)
    connection.close()
    assert sent_table(home).equals(before)
