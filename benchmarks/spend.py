"""How long `kiro-tui spend` needs, beside reading the same bytes with `cat`: a program of its own.

    python -m benchmarks.spend FOLDER-OF-SESSIONS

Reads the tree once without and once with what was kept of it. Prints seconds of processor time (user and system) as
JSON, with the files in the page cache: other programs do not change that much, as they do the time on the clock.
"""

import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from kiro_tui.domain.spend import By, spend_by
from kiro_tui.spend.ledger import Ledger, read
from kiro_tui.spend.root import Sources


def main(folder: str) -> None:
    """Print what was measured."""
    root = Path(folder)
    names = "\0".join(sorted(map(str, root.rglob("*.json*")))).encode()

    def cat() -> None:
        subprocess.run(["xargs", "-0", "cat"], input=names, stdout=subprocess.DEVNULL, check=True)

    with tempfile.TemporaryDirectory(prefix="kiro-tui-benchmark-") as state:
        cat()  # so that the files are in memory
        took = {
            "cat": _processor_time(cat),
            "first": _processor_time(lambda: _tables(root, Path(state))),
            "second": _processor_time(lambda: _tables(root, Path(state))),
        }
    sys.stdout.write(json.dumps(took))


def _tables(root: Path, state: Path) -> None:
    """Read everything and make each of the four tables."""
    *_, ledger = read(Sources((root,)), state)
    assert isinstance(ledger, Ledger)  # noqa: S101 - the last item always is
    for by in By:
        spend_by(by, ledger.sessions)


def _processor_time(action: Callable[[], None]) -> float:
    """Return what this program and the ones that it starts take for it."""

    def used() -> float:
        both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        return sum(each.ru_utime + each.ru_stime for each in both)

    before = used()
    action()
    return used() - before


if __name__ == "__main__":
    main(sys.argv[1])
