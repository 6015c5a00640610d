"""Great Expectations in a process of its own: importing it takes two seconds, which another core has to spare.

``python -m orchestration.validator`` reads pickled profiles from its standard input and answers with verdicts. It
opens no file of the home, and ends when its input does: with the process that started it, however that ends.
"""

import atexit
import os
import pickle
import subprocess
import sys
from collections.abc import Iterable
from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from quality.expectations import Profiled, Verdict


_idle: "list[subprocess.Popen[bytes]]" = []
"""What earlier refreshes of this process asked: the next one need not wait for another import."""


class Validator:
    """``quality.expectations.validate``, made ready meanwhile. Use as a context manager."""

    def __init__(self) -> None:
        self._child = _idle.pop() if _idle else _started()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None and self._child.poll() is None:
            _idle.append(self._child)
        else:
            # What broke off may have left an answer that nobody has read.
            self._child.kill()
            self._child.communicate()

    def validate(self, profiles: "Iterable[Profiled]") -> "dict[str, list[Verdict]]":
        """The verdicts by suite name; worked out in this process when the other one cannot answer."""
        listed = list(profiles)
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        try:
            pickle.dump(listed, self._child.stdin)
            self._child.stdin.flush()
            verdicts: dict[str, list[Verdict]] = pickle.load(self._child.stdout)  # noqa: S301 - from our own child
        except (OSError, EOFError):
            from quality.expectations import validate

            return validate(listed)
        return verdicts


def _started() -> "subprocess.Popen[bytes]":
    # Without the working directory on its path: what lies there is not ours.
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "orchestration.validator"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )


@atexit.register
def _end_idle() -> None:
    while _idle:
        child = _idle.pop()
        child.kill()
        child.communicate()


def main() -> None:
    """Answer each list of profiles with its verdicts until there are no more."""
    # What libraries print must not come between the answers.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    import great_expectations  # noqa: F401 - while nobody waits for it

    from quality.expectations import validate

    while True:
        try:
            profiles = pickle.load(sys.stdin.buffer)  # noqa: S301 - from the process that started this one
        except EOFError:
            return
        pickle.dump(validate(profiles), answers)
        answers.flush()


if __name__ == "__main__":
    main()
