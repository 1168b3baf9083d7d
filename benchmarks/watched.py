"""kiro-tui, with a note of every turn of its event loop that took long: a program of its own.

    python -m benchmarks.watched FILE [ARGUMENTS OF KIRO-TUI]

A turn is all that runs between two looks at what has come: for so long no key is heard. In each line of the file stand
the moment at which a turn ended and how long it took (seconds of the monotonic clock).
"""

import os
import selectors
import sys
import time

LONG = 0.0005


def main(file: str, *argv: str) -> int:
    """Run kiro-tui and return its exit status."""
    notes = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)

    class Watched(selectors.DefaultSelector):
        _looked: float | None = None

        def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
            now = time.monotonic()
            if self._looked is not None and now - self._looked >= LONG:
                os.write(notes, b"%f %f\n" % (now, now - self._looked))
            found = super().select(timeout)
            self._looked = time.monotonic()
            return found

    selectors.DefaultSelector = Watched  # type: ignore[misc]  # asyncio takes whatever stands here
    from kiro_tui.cli import main as kiro_tui  # noqa: PLC0415 - only now

    return kiro_tui(argv)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
