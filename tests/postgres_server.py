"""A real PostgreSQL server for the tests: the one that ENCOURS_TEST_POSTGRES_URL names, or one started from Debian's.

``tests/conftest.py`` imports the fixtures. Each test works in a database of its own; roles belong to the whole
server, so tests name theirs after the database.
"""

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

URL_VARIABLE = "ENCOURS_TEST_POSTGRES_URL"
LEAST_VERSION = 15


def binaries() -> Path | None:
    """The folder of Debian's newest server, or None."""
    found = [folder for folder in Path("/usr/lib/postgresql").glob("*/bin") if (folder / "initdb").exists()]
    return max(found, key=lambda folder: int(folder.parent.name), default=None)


@contextmanager
def server(
    folder: Path, settings: Mapping[str, str], *, largest_file: int | None = None, wal_segment_size: int = 16
) -> Iterator[str]:
    """Start a server of its own below ``folder`` and yield its URL; it is stopped and removed at the end.

    ``largest_file`` is in bytes: writing more to one file then fails as it does on a full disk. The size of a segment
    of the log, in MB, must be less.
    """
    bin_folder = binaries()
    assert bin_folder is not None
    account = pwd.getpwnam("postgres") if os.getuid() == 0 else pwd.getpwuid(os.getuid())
    data, password_file = folder / "data", folder / "password"
    password = secrets.token_hex(12)
    password_file.write_text(password, encoding="utf-8")
    # A server refuses to run as root.
    for path in (folder, password_file):
        os.chown(path, account.pw_uid, account.pw_gid)
    prefix = ["setpriv", f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups"]
    as_owner = prefix if os.getuid() == 0 else []
    made = ["--username=postgres", f"--pwfile={password_file}", "--auth=scram-sha-256", "--no-sync"]
    wal = f"--wal-segsize={wal_segment_size}"
    _run([*as_owner, str(bin_folder / "initdb"), "-D", str(data), "--encoding=UTF8", wal, *made])
    port = _free_port()
    given = {"listen_addresses": "127.0.0.1", "port": str(port), "unix_socket_directories": str(folder)}
    options = [f"-c{name}={value}" for name, value in (given | settings).items()]
    limit = ["prlimit", f"--fsize={largest_file}"] if largest_file else []
    command = [*limit, *as_owner, str(bin_folder / "postgres"), "-D", str(data), *options]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=log)
    try:
        url = f"postgresql://postgres:{password}@127.0.0.1:{port}/postgres"
        ready = [str(bin_folder / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port), "-t", "1"]
        while subprocess.run(ready, check=False).returncode:
            if process.poll() is not None:
                raise RuntimeError((folder / "log").read_text(encoding="utf-8", errors="replace"))
        yield url
    finally:
        # A fast shutdown, which ends the connections that are left.
        process.send_signal(signal.SIGINT)
        process.wait()


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr}")


def _free_port() -> int:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


@contextmanager
def server_folder() -> Iterator[Path]:
    """A folder that the server's user may enter: pytest's own are closed to others."""
    folder = Path(tempfile.mkdtemp(prefix="encours-postgres-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a server's administrator. Skips when there is no server to be had."""
    url = os.environ.get(URL_VARIABLE)
    if url:
        yield url
        return
    found = binaries()
    if found is None or int(found.parent.name) < LEAST_VERSION:
        pytest.skip(
            f"no PostgreSQL server: set {URL_VARIABLE} to the URL of a superuser, or install PostgreSQL "
            f"{LEAST_VERSION} or later (Debian: apt install postgresql)"
        )
    quick = {"fsync": "off", "max_connections": "60", "shared_buffers": "64MB"}
    with server_folder() as folder, server(folder, quick) as started:
        yield started


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """The URL of an empty database of the test's own."""
    name = f"encours_{secrets.token_hex(4)}"
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
        try:
            yield urlsplit(postgres_server)._replace(path=f"/{name}").geturl()
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
            roles = connection.execute("SELECT rolname FROM pg_roles WHERE starts_with(rolname, %s)", [name])
            for (role,) in roles.fetchall():
                connection.execute(f'DROP ROLE "{role}"')
