"""XML made to harm its reader: no entity, no document type, no network, no endless structure, whatever the format."""

import re
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.unit.ingestion.hostile.explained import assert_explained, assert_nothing_left_over
from tests.unit.ingestion.hostile.small_files import small_files

SMALL = small_files()
XML = {name: content.decode() for name, content in SMALL.items() if content.lstrip().startswith(b"<")}

SECRET = "the secret of this machine"


def with_doctype(document: str, internal: str, entity: str = "") -> str:
    """The document with a document type, and a reference to an entity of it in its first text."""
    declaration, root = re.match(r"(\s*<\?xml.*?\?>\s*)?(.*)", document, re.DOTALL).groups()  # type: ignore[union-attr]
    name = re.search(r"<([\w:.-]+)", root)[1]  # type: ignore[index]
    if entity:
        root = re.sub(r">([^<>\s]+)<", rf">&{entity};\1<", root, count=1)
    return f"{declaration or ''}<!DOCTYPE {name} {internal}>{root}"


def laughs(document: str) -> str:
    entities = '<!ENTITY l0 "ha">' + "".join(
        f'<!ENTITY l{level} "{f"&l{level - 1};" * 10}">' for level in range(1, 12)
    )
    return with_doctype(document, f"[{entities}]", "l11")


def blow_up(document: str) -> str:
    return with_doctype(document, f'[<!ENTITY a "{"a" * 100_000}"><!ENTITY b "{"&a;" * 10_000}">]', "b")


def in_root(document: str, before: str, after: str = "") -> str:
    """The document with something more inside its root, before all else."""
    start = re.search(r"<(?![?!])[^>]*>", document)
    assert start
    return document[: start.end()] + before + after + document[start.end() :]


def many_attributes(document: str) -> str:
    return in_root(document, "<x " + " ".join(f'a{number}="1"' for number in range(50_000)) + "/>")


ATTACKS: dict[str, Callable[[str], str]] = {
    "billion laughs": laughs,
    "quadratic blow-up": blow_up,
    "parameter entity": lambda document: with_doctype(
        document, "[<!ENTITY % p \"<!ENTITY e 'x'>\"> %p;]", "e"
    ),
    "harmless document type": lambda document: with_doctype(document, "[]"),
    "many attributes": many_attributes,
    "one attribute of 12 MB": lambda document: in_root(document, f'<x a="{"a" * 12_000_000}"/>'),
    "one text of 12 MB": lambda document: in_root(document, f"<x>{'a' * 12_000_000}</x>"),
    "one name of 12 MB": lambda document: in_root(document, f"<{'x' * 12_000_000}/>"),
    "deep nesting": lambda document: in_root(document, "<x>" * 100_000, "</x>" * 100_000),
    "nesting that never ends": lambda document: in_root(document, "<x>" * 100_000),
    "many siblings": lambda document: in_root(document, "<x/>" * 300_000),
    "a prefix that is not declared": lambda document: in_root(document, "<no:x no:y='1'/>"),
    "no prefix declared": lambda document: re.sub(
        r"(</?)(?:\w+:)?([A-Za-z]\w*)(?=[ />])", r"\1no:\2", re.sub(r'\sxmlns:\w+="[^"]*"', "", document)
    ),
    "comment of 12 MB": lambda document: in_root(document, f"<!--{'a' * 12_000_000}-->"),
    "instruction of 12 MB": lambda document: in_root(document, f"<?x {'a' * 12_000_000}?>"),
    "marked text of 12 MB": lambda document: in_root(document, f"<x><![CDATA[{'a' * 12_000_000}]]></x>"),
    "a thousand namespaces": lambda document: in_root(
        document, "<x " + " ".join(f'xmlns:n{number}="u:{number}"' for number in range(1000)) + "/>"
    ),
}

MUST_BE_REFUSED = {
    "billion laughs",
    "quadratic blow-up",
    "parameter entity",
    "harmless document type",
    "nesting that never ends",
}

HARMLESS = {("ofx xml", "nesting that never ends")}
"""OFX is read as SGML, in which an element without content need not end."""


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("name", XML)
def test_an_attack_is_refused_with_a_sentence_and_the_others_land(desk: Any, name: str, attack: str) -> None:
    desk.drop("acme/attack", ATTACKS[attack](XML[name]))
    desk.drop("acme/neighbour", SMALL["third_parties"])
    attacked, neighbour = desk.take().new_files
    assert neighbour.status == "landed"
    if attacked.status == "landed":
        assert attack not in MUST_BE_REFUSED or (name, attack) in HARMLESS
        desk.drop("acme/sound", XML[name])
        (sound,) = desk.take().new_files
        assert (attacked.rows_landed, attacked.rows_quarantined) == (sound.rows_landed, 0)
        assert (attacked.total_debit, attacked.total_credit) == (sound.total_debit, sound.total_credit)
    else:
        assert_explained(desk, attacked)
    assert_nothing_left_over(desk)


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A server that nobody may call."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        server.settimeout(0.05)
        yield server


@pytest.mark.parametrize("name", XML)
def test_no_entity_brings_a_file_or_calls_a_server(
    desk: Any, listener: socket.socket, tmp_path: Path, name: str
) -> None:
    secret = tmp_path / "secret"
    secret.write_text(SECRET)
    address = f"http://127.0.0.1:{listener.getsockname()[1]}/x"
    for number, document in enumerate(
        (
            with_doctype(XML[name], f'[<!ENTITY e SYSTEM "{secret.as_uri()}">]', "e"),
            with_doctype(XML[name], f'[<!ENTITY e SYSTEM "{address}">]', "e"),
            with_doctype(XML[name], f'SYSTEM "{address}"'),
            with_doctype(XML[name], f'[<!ENTITY % p SYSTEM "{address}"> %p;]'),
            with_doctype(
                XML[name], f'PUBLIC "-//X//Y" "{address}" [<!ENTITY e PUBLIC "-//X//Z" "{address}">]', "e"
            ),
        )
    ):
        desk.drop(f"acme/{number}", document)
    for record in desk.take().new_files:
        assert_explained(desk, record)
    with pytest.raises(TimeoutError):
        listener.accept()
    written = [path for path in desk.home.root.rglob("*") if path.is_file() and "inbox" not in path.parts]
    assert written
    assert [path for path in written if SECRET.encode() in path.read_bytes()] == []


@pytest.mark.parametrize("name", XML)
def test_what_an_include_or_a_stylesheet_names_is_not_fetched(
    desk: Any, listener: socket.socket, tmp_path: Path, name: str
) -> None:
    address = f"http://127.0.0.1:{listener.getsockname()[1]}/x"
    included = in_root(
        XML[name], f'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="{address}" parse="text"/>'
    )
    desk.drop("acme/include", f"{included}<?xml-stylesheet href='{address}' type='text/xsl'?>")
    (record,) = desk.take().new_files
    assert record.status in ("landed", "refused")
    with pytest.raises(TimeoutError):
        listener.accept()
