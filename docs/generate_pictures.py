"""Draws ``docs/images/*.svg``: what the commands print on the sample group, as of a fixed day.

``python docs/generate_pictures.py`` makes a home in a temporary folder, runs the commands in a terminal of a fixed
width and keeps what came out. The figures follow from the samples and the models alone: the same code draws the same
picture.
"""

import fcntl
import io
import os
import pty
import re
import struct
import subprocess
import sys
import tempfile
import termios
from datetime import date
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.text import Text

from samples.generator import generate

IMAGES: Final = Path(__file__).with_name("images")
AS_OF: Final = date(2026, 6, 30)
WIDTH: Final = 110

FONT_FROM_THE_NETWORK: Final = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)
"""Rich's picture names a web font; a picture in a page may not load anything, and any monospaced font serves."""


def main() -> None:
    """Draw every picture."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "encours-home"
        generate(home / "inbox", as_of=AS_OF)
        day = AS_OF.isoformat()
        summary = printed(home, "refresh", "--as-of", day, "--known-at", day)
        IMAGES.mkdir(exist_ok=True)
        draw("refresh", part(summary, "Outstanding", "Files"), f"encours refresh --as-of {day}")


def printed(home: Path, *arguments: str) -> str:
    """What a command prints in a terminal, colours included. Raises CalledProcessError when it fails."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, WIDTH, 0, 0))
    command = [Path(sys.executable).with_name("encours"), *arguments]
    process = subprocess.Popen(  # noqa: S603 - our own command, with arguments of this file
        command, stdout=theirs, stderr=theirs, env=os.environ | {"ENCOURS_HOME": str(home), "TERM": "xterm"}
    )
    os.close(theirs)
    pieces: list[bytes] = []
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:  # the other end is closed
            break
        if not piece:
            break
        pieces.append(piece)
    os.close(ours)
    text = b"".join(pieces).decode().replace("\r\n", "\n")
    if process.wait():
        raise subprocess.CalledProcessError(process.returncode, command, text)
    return text


def part(text: str, first: str, after: str) -> str:
    """The lines from the one that says ``first`` up to the one that begins with ``after``."""
    lines = text.split("\n")
    start = next(number for number, line in enumerate(lines) if first in line)
    end = next(number for number, line in enumerate(lines) if line.startswith(after) and number > start)
    return "\n".join(lines[start:end]).strip("\n")


def draw(name: str, text: str, title: str) -> None:
    """Write ``images/<name>.svg``: the text as a terminal shows it."""
    lines = Text.from_ansi(text).split(allow_blank=True)
    for line in lines:
        line.rstrip()
    console = Console(record=True, file=io.StringIO(), width=max(line.cell_len for line in lines) + 1)
    for line in lines:
        console.print(line)
    picture = FONT_FROM_THE_NETWORK.sub("", console.export_svg(title=title, unique_id=name))
    (IMAGES / f"{name}.svg").write_text(picture, encoding="utf-8")


if __name__ == "__main__":
    main()
