"""A program that keeps readings as fast as it can is killed again and again: is all there that it had kept?

PYTHONPATH=tests python -m campaigns.kill_journal --rounds 1000
"""

import argparse
import os
import random
import select
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from fakes import START, FakeClock
from readings import snapshot

from kiro_tui.journal.database import Database
from kiro_tui.journal.store import FILE, Journal

TESTS = Path(__file__).parents[1]
END = datetime(9999, 12, 31, tzinfo=UTC)


def write(folder: Path, first: int) -> None:
    """Keep readings for ever, and say each that is kept."""
    journal = Journal(folder, FakeClock())
    for number in range(first, sys.maxsize):
        journal.keep(snapshot(number, START + timedelta(seconds=number)))
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()


def survives(folder: Path, rounds: int, seed: int) -> list[str]:
    """Kill a writer so many times, each time at another moment, and return what was wrong afterwards."""
    chance = random.Random(seed)  # noqa: S311 - to repeat a campaign, not to keep a secret
    wrong = []
    first = 0
    for number in range(rounds):
        kept = _killed(folder, first, at_reading=chance.randrange(1, 60), after=chance.random() * 0.004)
        with closing(Journal(folder, FakeClock())) as journal:
            there = _kept(journal, first)
            if journal.notice:
                wrong.append(f"round {number}: {journal.notice}")
        # The very last one may be in the file without having been said.
        if there not in (list(range(first, kept + 1)), list(range(first, kept + 2))):
            wrong.append(f"round {number}: kept {first} to {kept}, found {len(there)} up to {there[-1:]}")
        first = there[-1] + 1 if there else first
    with closing(Journal(folder, FakeClock())) as journal:
        if _kept(journal, 0) != list(range(first)):
            wrong.append("something is missing in the end")
    with closing(Database(folder / FILE)) as database:
        database.check()
    return wrong


def _kept(journal: Journal, first: int) -> list[int]:
    """Return the numbers from `first` on that are in the journal."""
    readings = journal.readings(journal.account_key(None), START + timedelta(seconds=first), END)
    return [int(each.report.windows[0].used) for each in readings]


def _killed(folder: Path, first: int, *, at_reading: int, after: float) -> int:
    """Run a writer, kill it so many seconds after that reading, and return the number of the last that it said."""
    argv = [sys.executable, "-m", "campaigns.kill_journal", "--write", str(folder), str(first)]
    writer = subprocess.Popen(argv, stdout=subprocess.PIPE, env=os.environ | {"PYTHONPATH": str(TESTS)})
    assert writer.stdout is not None
    with writer, writer.stdout as said:
        for _ in range(at_reading):
            said.readline()
        select.select([], [], [], after)
        writer.kill()
        rest = said.read().split(b"\n")
    whole = [int(line) for line in rest[:-1]]
    return whole[-1] if whole else first + at_reading - 1


def main() -> int:
    """Run one campaign from the command line; 1 when something was lost."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--write", nargs=2, metavar=("FOLDER", "FIRST"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.write:
        write(Path(options.write[0]), int(options.write[1]))
    with TemporaryDirectory() as folder:
        wrong = survives(Path(folder), options.rounds, options.seed)
        with closing(Journal(Path(folder), FakeClock())) as journal:
            kept = len(_kept(journal, 0))
    sys.stdout.write("\n".join([*wrong, f"{options.rounds} kills, {kept} readings kept, {len(wrong)} faults", ""]))
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
