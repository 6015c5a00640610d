"""The bundle ``bi/superset`` imports into a real Superset and is drawn there with the figures of the marts.

Superset has an environment of its own, ``.venv-superset`` (``make test-superset`` makes it and runs this).
"""

import io
import json
import os
import socket
import subprocess
import time
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from urllib.request import urlopen

import duckdb
import psycopg
import pytest
import yaml

from tests.integration.bi.conftest import Published

ROOT = Path(__file__).resolve().parents[3]
BUNDLE = ROOT / "bi" / "superset"
BIN = Path(os.environ.get("ENCOURS_TEST_SUPERSET", ROOT / ".venv-superset")) / "bin"
CHROMIUM = Path(os.environ.get("ENCOURS_TEST_CHROMIUM", "/usr/bin/chromium"))
ADMIN = {"username": "admin", "password": "admin"}
CONFIG = """
SECRET_KEY = "of a server that lives for one test"
SQLALCHEMY_DATABASE_URI = "sqlite:///{folder}/superset.db"
TALISMAN_ENABLED = False
WTF_CSRF_ENABLED = False
"""


def content(file: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return loaded


DATASETS = [content(file) for file in sorted((BUNDLE / "datasets").rglob("*.yaml"))]
CHARTS = [content(file) for file in sorted((BUNDLE / "charts").glob("*.yaml"))]


# --- the datasets, without Superset ---


def test_datasets_have_their_columns_and_metrics_in_both_databases(published: Published) -> None:
    with (
        duckdb.connect(published.home.published_database.resolve(), read_only=True) as file,
        psycopg.connect(published.reader_url) as server,
    ):
        for dataset in DATASETS:
            names = [column["column_name"] for column in dataset["columns"]]
            metrics = [metric["expression"] for metric in dataset["metrics"]]
            rows = f"SELECT * FROM ({dataset['sql']}) AS dataset"
            sums = f"SELECT {', '.join(metrics)} FROM ({dataset['sql']}) AS dataset"
            assert [column for column, *_ in file.execute(rows).description or []] == names
            assert [column.name for column in server.execute(rows).description or []] == names
            in_file = file.execute(sums).fetchone() or ()
            on_server = server.execute(sums).fetchone() or ()
            assert [_rounded(value) for value in in_file] == [_rounded(value) for value in on_server]
    assert len(DATASETS) == 5


def test_a_total_of_both_sides_is_empty_and_of_one_is_not(published: Published) -> None:
    dataset = next(dataset for dataset in DATASETS if dataset["table_name"] == "encours_open_items")
    [outstanding] = [
        metric["expression"] for metric in dataset["metrics"] if metric["metric_name"] == "outstanding"
    ]
    asked = f"SELECT {outstanding} FROM ({dataset['sql']}) AS dataset"
    with psycopg.connect(published.reader_url) as server:
        assert server.execute(asked).fetchone() == (None,)
        assert server.execute(f"{asked} WHERE ledger_side = 'receivable'").fetchone() == _receivable(
            published, "total_amount"
        )


def test_every_chart_asks_for_what_its_dataset_has() -> None:
    offered = {
        dataset["uuid"]: {
            *(column["column_name"] for column in dataset["columns"]),
            *(metric["metric_name"] for metric in dataset["metrics"]),
        }
        for dataset in DATASETS
    }
    for chart in CHARTS:
        params = chart["params"]
        asked = {params.get(key) for key in ("metric", "x_axis", "timeseries_limit_metric")} - {None}
        for key in ("metrics", "groupby", "all_columns"):
            asked |= set(params.get(key, []))
        assert asked
        assert asked <= offered[chart["dataset_uuid"]], chart["slice_name"]
    position = content(BUNDLE / "dashboards" / "Encours.yaml")["position"]
    placed = {
        part["meta"]["uuid"]
        for part in position.values()
        if isinstance(part, dict) and part["type"] == "CHART"
    }
    assert placed == {chart["uuid"] for chart in CHARTS}


def _rounded(value: object) -> object:
    """Shares are quotients, which the two databases work out to different lengths."""
    return round(float(value), 9) if isinstance(value, float) or hasattr(value, "quantize") else value  # type: ignore[arg-type]


def _receivable(published: Published, amount: str) -> tuple[Any, ...] | None:
    with duckdb.connect(published.home.published_database.resolve(), read_only=True) as file:
        total: tuple[Any, ...] | None = file.execute(
            f"SELECT sum({amount}) FROM marts.mart_aged_balance WHERE ledger_side = 'receivable'"
        ).fetchone()
        return total


# --- the whole of it, in Superset ---


@pytest.fixture(scope="module")
def superset(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a fresh Superset."""
    if not (BIN / "superset").exists():
        pytest.skip(f"no Superset in {BIN}: make test-superset installs one")
    folder = tmp_path_factory.mktemp("superset")
    config = folder / "superset_config.py"
    config.write_text(CONFIG.format(folder=folder), encoding="utf-8")
    environment = os.environ | {
        "SUPERSET_CONFIG_PATH": str(config),
        "SUPERSET_HOME": str(folder),
        "FLASK_APP": "superset",
    }

    def run(*arguments: str) -> None:
        done = subprocess.run(
            [BIN / "superset", *arguments], env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr

    person = ("--firstname", "A", "--lastname", "B", "--email", "a@example.org")
    run("db", "upgrade")
    run("fab", "create-admin", "--username", ADMIN["username"], "--password", ADMIN["password"], *person)
    run("init")
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [BIN / "superset", "run", "--host", "127.0.0.1", "--port", str(port), "--with-threads"],
            env=environment,
            stdout=log,
            stderr=log,
        )
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_for(address, server)
        yield address
    finally:
        server.terminate()
        server.wait()


def _wait_for(address: str, server: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + 180
    while True:
        try:
            with urlopen(f"{address}/health", timeout=5):
                return
        except OSError:
            assert server.poll() is None
            assert time.monotonic() < until
            time.sleep(1)


def bundle(url: str) -> bytes:
    """The bundle as Superset takes it: zipped, with the address of the server in it."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as zipped:
        for file in sorted(BUNDLE.rglob("*.yaml")):
            text = file.read_text(encoding="utf-8")
            if file.parent.name == "databases":
                to = urlsplit(url)
                shown = to._replace(
                    scheme="postgresql+psycopg2", netloc=f"{to.username}:XXXXXXXXXX@{to.hostname}:{to.port}"
                )
                text = text.replace(content(file)["sqlalchemy_uri"], shown.geturl())
            zipped.writestr(f"encours/{file.relative_to(BUNDLE)}", text)
    return archive.getvalue()


def test_the_dashboard_is_imported_and_drawn(published: Published, superset: str, tmp_path: Path) -> None:
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="playwright is not installed: make test installs it"
    )
    if not CHROMIUM.exists():
        pytest.skip(f"no Chromium at {CHROMIUM} (Debian: apt install chromium, or set ENCOURS_TEST_CHROMIUM)")
    with playwright.sync_playwright() as started:
        api = started.request.new_context(base_url=superset)
        token = api.post("/api/v1/security/login", data=ADMIN | {"provider": "db"}).json()["access_token"]
        imported = api.post(
            "/api/v1/dashboard/import/",
            headers={"Authorization": f"Bearer {token}"},
            multipart={
                "formData": {
                    "name": "encours.zip",
                    "mimeType": "application/zip",
                    "buffer": bundle(published.reader_url),
                },
                "passwords": json.dumps({"databases/Encours.yaml": _password(published.reader_url)}),
            },
        )
        assert imported.ok, imported.text()
        browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1600, "height": 1700}, device_scale_factor=1.5)
        page.goto(f"{superset}/login/")
        page.fill("#username", ADMIN["username"])
        page.fill("#password", ADMIN["password"])
        page.press("#password", "Enter")
        page.wait_for_url("**/superset/welcome/**")
        page.goto(f"{superset}/superset/dashboard/encours/?standalone=1")
        try:
            page.wait_for_function(
                "count => document.querySelectorAll('.slice_container').length === count"
                " && !document.querySelector('.loading')",
                arg=len(CHARTS),
                timeout=120_000,
            )
            page.wait_for_timeout(1_000)
        finally:
            page.screenshot(path=os.environ.get("ENCOURS_SCREENSHOT", str(tmp_path / "superset.png")))
        shown = page.inner_text("body")
        browser.close()
    assert "error" not in shown.lower()
    assert "No results" not in shown
    for amount in ("total_amount", "overdue_amount"):
        [total] = _receivable(published, amount) or [None]
        assert f"{total:,.2f}" in shown


def _password(url: str) -> str:
    return unquote(urlsplit(url).password or "")
