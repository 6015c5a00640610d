"""``encours dun`` on marts made by hand: what it writes, what leaves, and what it refuses."""

import csv
import email
import io
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from email.policy import default
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pytest
from click.testing import CliRunner, Result
from pypdf import PdfReader

from dunning.log import sent_table
from home.layout import Home
from orchestration.cli import main
from tests.unit.dunning.mail_server import HOST, MailServer, mail_server

RUN = "20260630T060000Z-abc123"
MARTS = """
CREATE SCHEMA marts;
USE marts;
CREATE TABLE dim_companies AS SELECT 'acme' AS company_id, 'Brindille Conseil' AS name, 'EUR' AS base_currency;
CREATE TABLE dim_third_parties AS SELECT * FROM (VALUES
    ('acme/customer/C1', 'acme', 'customer', 'C1', 'Martin & Fils', NULL),
    ('acme/customer/C2', 'acme', 'customer', 'C2', 'Durand SA', 'FR32123456789'),
    ('acme/customer/C3', 'acme', 'customer', 'C3', 'Petit SARL', NULL),
    ('acme/customer/../../C4', 'acme', 'customer', '../../C4', '=cmd()', NULL)
) AS t (third_party_id, company_id, kind, third_party_code, name, vat_number);
CREATE TABLE dim_ageing_buckets AS SELECT * FROM (VALUES
    ('overdue_1', 'Échu 1–30 j', '1–30 d late', true, 4)
) AS t (ageing_bucket_code, label_fr, label_en, is_overdue, bucket_order);
CREATE TABLE fct_dunning_actions AS SELECT *,
    CAST(NULL AS DECIMAL(18, 2)) AS penalty_amount, CAST(NULL AS DECIMAL(18, 2)) AS fixed_compensation_amount,
    true AS is_rate_published, CAST(0 AS DECIMAL(18, 2)) AS credit_amount, DATE '2026-06-30' AS as_of_date,
    'acme' AS company_id, 'EUR' AS base_currency, 1 AS item_count, 21 AS oldest_days_past_due,
    'un document' AS why_fr, 'one document' AS why_en
FROM (VALUES
    ('a1aaaaaaaa', 'acme/customer/C1', 2, 'Relance ferme', 'email', 'firm', 'fr', 'c1@customer.example',
        100.00::DECIMAL(18, 2)),
    ('b2bbbbbbbb', 'acme/customer/C2', 4, 'Mise en demeure', 'registered_letter', 'formal', 'fr', NULL, 200.00),
    ('c3cccccccc', 'acme/customer/C3', 3, 'Appel', 'phone', 'firm', 'en', NULL, 300.00),
    ('d4dddddddd', 'acme/customer/../../C4', 1, 'Relance', 'email', 'courteous', 'en', 'nobody', 400.00)
) AS t (action_id, third_party_id, level, level_name, channel, tone, language, email, amount);
CREATE TABLE fct_dunning_items AS SELECT action_id, 'item ' || action_id AS item_id, 'FA-' || level AS document_ref,
    DATE '2026-05-10' AS document_date, DATE '2026-06-09' AS due_date, 21 AS days_past_due,
    amount AS dunning_amount, level
FROM fct_dunning_actions;
CREATE TABLE fct_open_items AS SELECT item_id, actions.third_party_id, 'receivable' AS ledger_side, document_ref,
    'invoice' AS item_type, document_date, document_date AS entry_date, due_date, dunning_amount AS original_amount,
    dunning_amount AS open_amount, dunning_amount AS projected_open_amount, 0.00::DECIMAL(18, 2) AS disputed_amount,
    days_past_due, 'overdue_1' AS ageing_bucket_code
FROM fct_dunning_items JOIN fct_dunning_actions AS actions USING (action_id);
"""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home.at(tmp_path / "home")
    home.create()
    publish(home)
    return home


def publish(home: Home, **release: Any) -> None:
    """Put marts in force that are of today unless ``release`` says otherwise."""
    today = datetime.now(ZoneInfo("Europe/Paris")).date()
    folder = home.marts / "current"
    folder.mkdir(exist_ok=True)
    if not home.published_database.exists():
        with duckdb.connect(home.published_database) as connection:
            connection.execute(MARTS)
    told = {
        "run_id": RUN,
        "as_of_date": today,
        "known_at_date": today,
        "started_at": datetime(2026, 6, 30, 6, tzinfo=UTC),
        "finished_at": datetime(2026, 6, 30, 6, 1, tzinfo=UTC),
        "is_verified": True,
        "inputs": "",
        "files": {},
        **release,
    }
    (folder / "release.json").write_text(
        json.dumps({name: str(one) if isinstance(one, date) else one for name, one in told.items()}),
        encoding="utf-8",
    )


@pytest.fixture
def server(home: Home) -> Iterator[MailServer]:
    """A server that the home's settings name."""
    with mail_server() as running:
        home.settings_file.write_text(
            f'[dunning.smtp]\nhost = "{HOST}"\nport = {running.port}\nsecurity = "none"\n'
            'sender = "compta@acme.example"\nmessages_per_minute = 60000\n',
            encoding="utf-8",
        )
        yield running


def dun(home: Home, *options: str, answer: str | None = None) -> Result:
    return CliRunner().invoke(main, ["dun", "--home", str(home.root), *options], input=answer)


def states(home: Home) -> dict[str, str]:
    rows = csv.DictReader(io.StringIO(dun(home, "--format", "csv").stdout))
    return {row["action_id"][:2]: row["outcome"] for row in rows}


# --- looking ---


def test_it_writes_what_can_be_written_and_nothing_leaves(home: Home, server: MailServer) -> None:
    done = dun(home)
    assert done.exit_code == 0, done.output
    folder = home.reports / RUN / "dunning"
    mail, letter = sorted(folder.iterdir())
    assert [mail.name, letter.name] == ["acme-C1-2-a1aaaaaa.eml", "acme-C2-4-b2bbbbbb.pdf"]
    message = email.message_from_bytes(mail.read_bytes(), policy=default)
    assert str(message["To"]) == "Martin & Fils <c1@customer.example>"
    assert message["X-Unsent"] == "1"
    assert "MISE EN DEMEURE" in PdfReader(letter).pages[0].extract_text()
    for wanted in (
        "Martin & Fils",
        "registered letter",
        "300.00",
        "to do",
        "Nothing has left",
        "2 written in",
    ):
        assert wanted in done.output, wanted
    assert server.delivered == []
    assert not home.dunning_log.exists()


def test_penalties_at_a_rate_that_nobody_told_are_remarked(home: Home) -> None:
    assert "penalties.rates" not in dun(home).output
    with duckdb.connect(home.published_database) as connection:
        connection.execute(
            "UPDATE marts.fct_dunning_actions SET penalty_amount = 5, is_rate_published = false WHERE level <= 2"
        )
    assert "2 ask for penalties at the rate of an earlier half-year" in " ".join(dun(home).output.split())
    assert "au taux d'un semestre antérieur" in " ".join(dun(home, "--lang", "fr").output.split())


def test_it_tells_of_an_address_that_is_none(home: Home) -> None:
    [row] = [
        row for row in json.loads(dun(home, "--format", "json").stdout) if row["action_id"] == "d4dddddddd"
    ]
    assert row["outcome"] == "failed"
    assert "'nobody' is not one e-mail address" in row["detail"]
    assert row["file"] is None


def test_cells_that_a_spreadsheet_would_run_are_guarded(home: Home) -> None:
    assert '"\'=cmd()"' in dun(home, "--format", "csv").stdout


def test_it_speaks_french(home: Home) -> None:
    told = dun(home, "--lang", "fr").output
    assert "Relances au" in told
    assert "recommandé" in told
    assert "un document" in told


def test_only_some_customers(home: Home) -> None:
    rows = json.loads(dun(home, "--only", "durand", "--only", "C1", "--format", "json").stdout)
    assert {row["action_id"] for row in rows} == {"a1aaaaaaaa", "b2bbbbbbbb"}
    with duckdb.connect(home.published_database) as connection:
        connection.execute("DELETE FROM marts.fct_dunning_actions WHERE level = 2")
    assert "There is nobody to remind today." in dun(home, "--only", "C1").output
    refused = dun(home, "--only", "nobody at all")
    assert refused.exit_code == 1
    assert "no third party answers to nobody at all" in refused.output


def test_the_homes_own_template_is_used_and_a_broken_one_is_named(home: Home) -> None:
    template = home.dunning_templates / "fr" / "firm.txt"
    template.parent.mkdir(parents=True)
    template.write_text("Payez\n\n{{ documents }}\n\nMerci de {{ customer }}.\n", encoding="utf-8")
    assert dun(home).exit_code == 0
    [mail] = (home.reports / RUN / "dunning").glob("*.eml")
    assert email.message_from_bytes(mail.read_bytes(), policy=default)["Subject"] == "Payez"
    template.write_text("Payez\n\n{{ documents }}\n\n{{ nom }}\n", encoding="utf-8")
    refused = dun(home)
    assert refused.exit_code == 1
    assert f"Error: {template}, line 5: 'nom' is undefined; correct that line." in refused.output


def test_marts_older_than_reminders(home: Home) -> None:
    with duckdb.connect(home.published_database) as connection:
        connection.execute("DROP TABLE marts.fct_dunning_actions")
    refused = dun(home)
    assert refused.exit_code == 1
    assert "run encours refresh first" in refused.output


# --- sending ---


def test_it_sends_the_e_mails_once(home: Home, server: MailServer) -> None:
    done = dun(home, "--send", "--yes", "--only", "C1")
    assert done.exit_code == 0, done.output
    [(recipients, content)] = server.delivered
    assert recipients == ("c1@customer.example",)
    message = email.message_from_bytes(content, policy=default)
    assert message["X-Unsent"] is None
    assert "100,00" in message["Subject"]
    again = dun(home, "--send", "--yes", "--only", "C1")
    assert "There is no e-mail to send" in again.output
    assert len(server.delivered) == 1
    assert states(home) == {"a1": "sent", "b2": "to_do", "c3": "to_do", "d4": "failed"}
    [row] = sent_table(home).to_pylist()
    assert (row["item_id"], row["level"], row["outcome"]) == ("item a1aaaaaaaa", 2, "sent")


def test_it_asks_first_with_the_count(home: Home, server: MailServer) -> None:
    refused = dun(home, "--send", answer="n\n")
    assert f"Send 1 e-mail from compta@acme.example by {HOST}:{server.port}?" in refused.output
    assert refused.exit_code == 1
    assert server.delivered == []
    assert dun(home, "--send", answer="y\n").exit_code == 1, "one customer has no address"
    assert len(server.delivered) == 1


def test_a_failure_is_told_in_the_list_and_by_the_exit_code(home: Home, server: MailServer) -> None:
    with duckdb.connect(home.published_database) as connection:
        connection.execute("UPDATE marts.fct_dunning_actions SET email = 'nobody@customer.example'")
    done = dun(home, "--send", "--yes", "--only", "C1", "--format", "json")
    assert done.exit_code == 1
    [row] = json.loads(done.stdout)
    assert row["outcome"] == "failed"
    assert "550 5.1.1 no such user" in row["detail"]


@pytest.mark.parametrize(
    ("release", "why"),
    [
        ({"as_of_date": date(2026, 6, 29)}, "the marts are as of 2026-06-29"),
        ({"known_at_date": date(2026, 6, 29)}, "known on 2026-06-29"),
        ({"is_verified": False}, "are not verified"),
    ],
)
def test_marts_of_another_day_or_not_verified_send_nothing_unless_said_otherwise(
    home: Home, server: MailServer, release: dict[str, Any], why: str
) -> None:
    publish(home, **release)
    refused = dun(home, "--send", "--yes", "--only", "C1")
    assert refused.exit_code == 1
    assert why in refused.output
    assert "add --anyway" in refused.output
    assert server.delivered == []
    assert dun(home, "--send", "--yes", "--anyway", "--only", "C1").exit_code == 0
    assert len(server.delivered) == 1


def test_no_server_is_named(home: Home) -> None:
    refused = dun(home, "--send", "--yes")
    assert refused.exit_code == 2
    assert "write host and sender in [dunning.smtp]" in refused.output


def test_a_template_that_fails_for_one_stops_it_before_anything_leaves(
    home: Home, server: MailServer
) -> None:
    template = home.dunning_templates / "fr" / "formal.txt"
    template.parent.mkdir(parents=True)
    template.write_text("Payez\n", encoding="utf-8")
    refused = dun(home, "--send", "--yes")
    assert refused.exit_code == 1
    assert "it must show the list of documents once" in refused.output
    assert server.delivered == []


# --- what people do by hand ---


def test_a_posted_letter_is_told_and_taken_back(home: Home) -> None:
    done = dun(home, "--done", "b2bbbb", "--done", "c3cccccccc")
    assert done.exit_code == 0, done.output
    assert "acme/customer/C2: done" in done.output
    assert states(home) == {"a1": "to_do", "b2": "sent", "c3": "sent", "d4": "failed"}
    rows = sent_table(home).to_pylist()
    assert [(row["channel"], row["level"], row["outcome"]) for row in rows] == [
        ("registered_letter", 4, "sent"),
        ("phone", 3, "sent"),
    ]
    assert dun(home, "--not-done", "b2bbbb").exit_code == 0
    assert states(home)["b2"] == "failed"
    assert [row["outcome"] for row in sent_table(home).to_pylist()] == ["failed", "sent"]


@pytest.mark.parametrize(
    ("option", "wanted", "why"),
    [
        ("--done", "ffffff", "no actions or messages answer to ffffff"),
        ("--done", "b2", "no actions or messages answer to b2"),
        ("--not-done", "b2bbbb", "there is nothing to take back"),
    ],
)
def test_what_cannot_be_told(home: Home, option: str, wanted: str, why: str) -> None:
    refused = dun(home, option, wanted)
    assert refused.exit_code == 1
    assert why in refused.output
    assert states(home)["b2"] == "to_do"


def test_an_unknown_message_is_listed_until_somebody_has_looked(home: Home, server: MailServer) -> None:
    with duckdb.connect(home.published_database) as connection:
        connection.execute(
            "UPDATE marts.fct_dunning_actions SET email = 'lost@customer.example' WHERE level = 2"
        )
    assert dun(home, "--send", "--yes", "--only", "C1").exit_code == 1
    [row] = json.loads(dun(home, "--unknown", "--format", "json").stdout)
    assert row["recipient"] == "lost@customer.example"
    assert row["message_id"].startswith("<a1aaaaaaaa.")
    assert dun(home, "--send", "--yes", "--only", "C1").output.count("There is no e-mail to send") == 1
    assert dun(home, "--not-done", row["message_id"]).exit_code == 0
    assert json.loads(dun(home, "--unknown", "--format", "json").stdout) == []
    assert states(home)["a1"] == "failed"
    with duckdb.connect(home.published_database) as connection:
        connection.execute(
            "UPDATE marts.fct_dunning_actions SET email = 'c1@customer.example' WHERE level = 2"
        )
    assert dun(home, "--send", "--yes", "--only", "C1").exit_code == 0
    assert states(home)["a1"] == "sent"


def test_a_message_that_came_back_may_be_sent_again(home: Home, server: MailServer) -> None:
    dun(home, "--send", "--yes", "--only", "C1")
    assert dun(home, "--not-done", "a1aaaa").exit_code == 0
    assert [row["outcome"] for row in sent_table(home).to_pylist()] == ["failed"]
    assert dun(home, "--send", "--yes", "--only", "C1").exit_code == 0
    assert len(server.delivered) == 2
    assert states(home)["a1"] == "sent"


def test_one_thing_at_a_time(home: Home) -> None:
    refused = dun(home, "--send", "--unknown")
    assert refused.exit_code == 2
    assert "one at a time" in refused.output
