"""The XML attached to a PDF, taken out in a process of its own, with bounded memory.

Run as a program by ``facturx``, with the number of a connection's file descriptor as argument; each request is a path,
each answer a JSON object and, where ``name`` is in it, the attachment's content. A PDF is a program for its reader:
whatever it does to this process, the refresh goes on. Nothing of Encours is imported here, so that it starts fast.
"""

import json
import resource
import sys
from itertools import islice
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pypdf import PdfReader
    from pypdf.generic import EmbeddedFile

MEMORY: Final = 1 << 30
LARGEST_ATTACHMENT: Final = 50 << 20
MOST_ATTACHMENTS: Final = 10_000

NAMES: Final = ("factur-x.xml", "zugferd-invoice.xml", "xrechnung.xml", "order-x.xml")
"""Of several attachments the one whose name comes first here; any other XML comes after them."""


def best_attachment(path: Path) -> tuple[dict[str, str], bytes]:
    """The name and the content of the XML attached to a PDF; or why there is none.

    The first value holds ``name``; or ``fault``: locked (a password is needed), plain (no XML is attached), large (it
    unpacks to too much), broken.
    """
    from pypdf import PdfReader, overwrite_configuration
    from pypdf.errors import FileNotDecryptedError, LimitReachedError

    overwrite_configuration(
        maximum_declared_stream_length=LARGEST_ATTACHMENT,
        zlib_maximum_output_length=LARGEST_ATTACHMENT,
        lzw_maximum_output_length=LARGEST_ATTACHMENT,
        run_length_maximum_output_length=LARGEST_ATTACHMENT,
        array_based_stream_maximum_output_length=LARGEST_ATTACHMENT,
        disable_legacy_handling=True,
    )
    try:
        with path.open("rb") as file:
            return _best_of(PdfReader(file))
    except FileNotDecryptedError:
        return {"fault": "locked"}, b""
    except (LimitReachedError, MemoryError):
        return {"fault": "large"}, b""
    except Exception:
        # pypdf meets a damaged structure with whatever error the structure leads to.
        return {"fault": "broken"}, b""


def _best_of(reader: "PdfReader") -> tuple[dict[str, str], bytes]:
    found: list[tuple[int, int, str, EmbeddedFile]] = []
    for attachment in islice(reader.attachment_list, MOST_ATTACHMENTS):
        for name in (str(attachment.name), str(attachment.alternative_name or "")):
            if name.lower().endswith(".xml"):
                rank = NAMES.index(name.lower()) if name.lower() in NAMES else len(NAMES)
                found.append((rank, len(found), name, attachment))
    if not found:
        return {"fault": "plain"}, b""
    _, _, name, attachment = min(found)
    return {"name": name}, bytes(attachment.content)


def _serve(connection: Connection) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    while True:
        try:
            path = Path(connection.recv_bytes().decode())
        except EOFError:
            return
        answer, content = best_attachment(path)
        connection.send_bytes(json.dumps(answer).encode())
        if "name" in answer:
            connection.send_bytes(content)


if __name__ == "__main__":
    _serve(Connection(int(sys.argv[1])))
