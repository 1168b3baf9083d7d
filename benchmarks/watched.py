"""A program with a note of every turn of its event loop that took long.

    python -m benchmarks.watched FILE PROGRAM      a script, or a module that is run as one

A turn is all that runs between two looks at what has come: for so long no key is heard. In each line of the file stand
the moment at which a turn ended and how long it took (seconds of the monotonic clock).
"""

import os
import runpy
import selectors
import sys
import time

LONG = 0.0005


def main(file: str, program: str) -> None:
    """Run the program in this process."""
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
    sys.argv[:] = [program]
    if program.endswith(".py"):
        runpy.run_path(program, run_name="__main__")
    else:
        runpy.run_module(program, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
