"""How long `kiro-tui spend` needs, beside reading the same bytes with `cat` on the same machine in the same minute.

    python benchmarks/spend.py --sessions 2000 --turns 200000 --talk 5000

Makes a tree in a temporary folder, reads it once without and then with what was kept, and once more after one session
has grown. Each time is the best of several; the files are in the page cache for all of them.
"""  # noqa: INP001 - scripts are not a package

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from kiro_tui.domain.spend import By, spend_by
from kiro_tui.simulator.sessions import Past, write_sessions
from kiro_tui.spend.ledger import Ledger, read

TIMES = 3
FIRST_AT_MOST, SECOND_AT_MOST = 10, 1


def main() -> int:
    """Print the times; the exit status is 1 where they are longer than they may be."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, default=2000)
    parser.add_argument("--turns", type=int, default=200_000)
    parser.add_argument("--talk", type=int, default=5000, help="bytes of conversation for each turn of engine v3")
    parser.add_argument("--v3", type=float, default=0.5, help="share of sessions that engine v3 wrote")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kiro-tui-benchmark-") as folder:
        root, state = Path(folder, "sessions"), Path(folder, "state")
        state.mkdir()
        past = Past(until=datetime.now(UTC), sessions=asked.sessions, turns=asked.turns, talk=asked.talk, v3=asked.v3)
        print(f"writing {asked.sessions} sessions with {asked.turns} turns …", flush=True)  # noqa: T201 - a script
        write_sessions(root, past)
        return _measure(root, state)


def _measure(root: Path, state: Path) -> int:
    files = sorted(map(str, root.rglob("*.json*")))
    size = sum(Path(file).stat().st_size for file in files)
    cat = _best(lambda: _cat(files))
    first = _best(lambda: _tables(root, None))
    _tables(root, state)
    second = _best(lambda: _tables(root, state))
    grown = max(root.rglob("messages.jsonl"), key=lambda path: path.stat().st_size, default=None)
    after_growth = _best(lambda: _grow_and_read(grown, root, state)) if grown else 0.0
    kept = sum(file.stat().st_size for file in state.iterdir())
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    _say(f"{len(files)} files, {size / 1e6:.0f} MB; kept {kept / 1e6:.1f} MB; at most {memory} MB of memory")
    _say(f"cat           {cat * 1000:7.0f} ms")
    _say(f"first time    {first * 1000:7.0f} ms  {first / cat:5.2f} × cat  (at most {FIRST_AT_MOST})")
    _say(f"second time   {second * 1000:7.0f} ms  {second / cat:5.2f} × cat  (at most {SECOND_AT_MOST})")
    _say(f"after a turn  {after_growth * 1000:7.0f} ms  {after_growth / cat:5.2f} × cat")
    return int(first > FIRST_AT_MOST * cat or second > SECOND_AT_MOST * cat)


def _cat(files: list[str]) -> None:
    names = "\0".join(files).encode()
    subprocess.run(["xargs", "-0", "cat"], input=names, stdout=subprocess.DEVNULL, check=True)  # noqa: S607 - whichever cat there is


def _tables(root: Path, state: Path | None) -> None:
    """Read everything and make each of the four tables."""
    *_, ledger = read(root, state)
    assert isinstance(ledger, Ledger)  # noqa: S101 - the last item always is
    for by in By:
        spend_by(by, ledger.sessions)


def _grow_and_read(grown: Path, root: Path, state: Path) -> None:
    event = {"id": str(time.time_ns()), "timestamp": "2026-11-01T00:00:00Z", "payload": {"type": "usage_summary"}}
    with grown.open("a", encoding="utf-8") as file:
        file.write(json.dumps(event) + "\n")
    _tables(root, state)


def _best(action: Callable[[], None]) -> float:
    def once() -> float:
        began = time.perf_counter()
        action()
        return time.perf_counter() - began

    return min(once() for _ in range(TIMES))


def _say(line: str) -> None:
    print(line)  # noqa: T201 - a script


if __name__ == "__main__":
    sys.exit(main())
