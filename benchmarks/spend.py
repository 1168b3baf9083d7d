"""How long `kiro-tui spend` needs, beside reading the same bytes with `cat` on the same machine in the same minute.

    python benchmarks/spend.py --sessions 2000 --turns 200000 --talk 5000

Makes a tree in a temporary folder, reads it once without and then with what was kept, and once more after one session
has grown. Each time is the best of several, with the files in the page cache. What counts is processor time (user and
system), which other programs do not change much; beside it stands the time on the clock, which they do.
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
from typing import NamedTuple

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


class Cost(NamedTuple):
    """What an action took, in seconds."""

    processor: float
    clock: float


def _measure(root: Path, state: Path) -> int:
    files = sorted(map(str, root.rglob("*.json*")))
    size = sum(Path(file).stat().st_size for file in files)
    cat = _best(lambda: _cat(files))
    first = _best(lambda: _tables(root, None))
    _tables(root, state)
    second = _best(lambda: _tables(root, state))
    grown = max(root.rglob("messages.jsonl"), key=lambda path: path.stat().st_size, default=None)
    after_a_turn = _best(lambda: _grow_and_read(grown, root, state)) if grown else None
    kept = sum(file.stat().st_size for file in state.iterdir())
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    _say(f"{len(files)} files, {size / 1e6:.0f} MB; kept {kept / 1e6:.1f} MB; at most {memory} MB of memory")
    for name, cost, limit in (
        ("cat", cat, ""),
        ("first time", first, f"at most {FIRST_AT_MOST}"),
        ("second time", second, f"at most {SECOND_AT_MOST}"),
        ("after a turn", after_a_turn, ""),
    ):
        if cost:
            times = cost.processor / cat.processor
            _say(f"{name:12} {cost.processor:6.2f} s {times:6.2f} × cat {limit:12} ({cost.clock:.2f} s on the clock)")
    too_slow = first.processor > FIRST_AT_MOST * cat.processor or second.processor > SECOND_AT_MOST * cat.processor
    return int(too_slow)


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


def _best(action: Callable[[], None]) -> Cost:
    def once() -> Cost:
        began = Cost(_processor_time(), time.perf_counter())
        action()
        return Cost(_processor_time() - began.processor, time.perf_counter() - began.clock)

    return min(once() for _ in range(TIMES))


def _processor_time() -> float:
    """Return what this program and the ones that it has started took."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def _say(line: str) -> None:
    print(line)  # noqa: T201 - a script


if __name__ == "__main__":
    sys.exit(main())
