"""What the table of the mail server may say."""

from pathlib import Path

import pytest

from home.settings_file import SettingsError, parse

SERVER = '[dunning.smtp]\nhost = "smtp.acme.example"\nsender = "Accounts <accounts@acme.example>"\n'


def refusal(text: str) -> str:
    with pytest.raises(SettingsError) as caught:
        parse(text, Path("encours.toml"))
    return str(caught.value)


@pytest.mark.parametrize(("security", "port"), [("starttls", 587), ("tls", 465), ("none", 25)])
def test_the_port_is_that_of_the_security(security: str, port: int) -> None:
    smtp = parse(f'{SERVER}security = "{security}"\n', Path("encours.toml")).dunning.smtp
    assert smtp.place == f"smtp.acme.example:{port}"


def test_the_line_is_encrypted_unless_said_otherwise() -> None:
    assert parse(SERVER, Path("encours.toml")).dunning.smtp.security == "starttls"
    assert (
        parse(f"{SERVER}port = 2525\n", Path("encours.toml")).dunning.smtp.place == "smtp.acme.example:2525"
    )


def test_a_password_does_not_travel_in_the_clear() -> None:
    told = refusal(f'{SERVER}security = "none"\nuser = "accounts"\n')
    assert "dunning.smtp" in told
    assert "a password does not travel in the clear" in told


def test_a_password_has_no_place_in_the_file() -> None:
    assert "unknown key dunning.smtp.password;" in refusal(f'{SERVER}password = "secret"\n')


def test_a_server_without_sender_is_half_a_server() -> None:
    assert "sending needs both host and sender" in refusal('[dunning.smtp]\nhost = "smtp.acme.example"\n')


@pytest.mark.parametrize(
    "sender", ["accounts", "a@b@c", "x\\nBcc: <a@b.example>", "Accounts <accounts>", "c@société.example"]
)
def test_a_sender_is_an_address(sender: str) -> None:
    told = refusal(f'[dunning.smtp]\nhost = "smtp.acme.example"\nsender = "{sender}"\n')
    assert "key dunning.smtp.sender" in told
    assert "write an address" in told
