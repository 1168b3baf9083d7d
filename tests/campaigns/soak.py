"""A day of polls and more, compressed into minutes, with everything that can happen to a dashboard meanwhile.

    PYTHONPATH=tests python -m campaigns.soak --polls 5000 --seed 1

The real dashboard lives on a real terminal, one life after the other on the same state folder. Its kiro-cli is a
script that is a good one five times out of six, else a recording of something else, or a hostile program. The seed
decides what the children are and what happens when: resizes, keys, stops, suspends, clock steps, a journal that is
locked, full, read-only, deleted or damaged, helpers that are killed, and how each life ends.

**The slope test.** For memory, descriptors, threads and children, the Theil-Sen slope (the median of the slopes of all
pairs) is taken for each life, without its first polls. What stands in caches that have a bound is no growth: they are
emptied before each look. The median over the lives is the estimate; its 95 % interval comes from 2,000 bootstrap
resamples of the lives. What counts is the upper end of that interval; and so that many steps are noticed too, no life
may end with much more memory than it had after its first polls.
"""

import argparse
import json
import os
import random
import shlex
import signal
import sqlite3
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import chain, combinations, repeat
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory

import hostile
from pane import Pane
from world import World

from campaigns import results
from campaigns.soaked import NOTES, ORDERS
from campaigns.stand_in import REPORT, install, simulated

RECORDINGS = Path(__file__).parents[1] / "recordings"
SIZES = ((1, 1), (2, 50), (20, 1), (24, 1), (40, 10), (80, 24), (100, 32), (200, 60), (500, 200))
ESCAPE, PALETTE = "\x1b", "\x10"
SHEETS = ("h", "w", "d", "?", PALETTE)
KEYS = (*chain.from_iterable((key, ESCAPE) for key in SHEETS * 2), *"rt+-x", "\t")
ENDS = ("ctrl+q", "ctrl+c", "SIGTERM", "SIGHUP", "SIGKILL")
WARM_UP = 200
"""Polls of a life that come before the slopes: modules are imported late, caches and pools fill."""
QUIET_WARM_UP = 100
LARGEST_RISE = 5000.0
"""kB by which a life's memory may be higher in the end than after its first polls: what is imported late, in steps."""
LONGEST_FAULT = 2.0
"""Seconds for which a fault lasts at most: an hour and more of the dashboard's own time."""
STALLED = 90.0
"""Seconds without a poll after which the dashboard is taken to hang."""
BOUNDS = {"memory": 3000.0, "descriptors": 1.0, "threads": 1.0, "children": 1.0, "rows": 1.05}
"""What the upper end may be for each 1,000 polls (memory in kB); for rows it is rows for each changed reading.

A thousand polls are three and a half days. The storm takes memory long after the warm-up too, in steps; what the
polls themselves leave behind is told by the control.
"""
QUIET_BOUND = 500.0
"""The same for memory in the control."""


@dataclass
class Life:
    """One dashboard, from its launch to its end."""

    end: str
    notes: list[dict[str, float | str | None]] = field(default_factory=list)


@dataclass
class Found:
    """What the soak saw."""

    lives: list[Life] = field(default_factory=list)
    happened: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    left: int = 0

    def __add__(self, other: "Found") -> "Found":
        return Found(
            self.lives + other.lives, self.happened + other.happened, self.wrong + other.wrong, self.left + other.left
        )


class Soak:
    """Everything that is needed for one; the same for the same seed, but for the machine's own timing."""

    def __init__(self, folder: Path, polls: int, life: int, seed: int, *, quiet: bool = False) -> None:
        """A `quiet` one is the control: every answer is the same reading, and nothing happens."""
        self._quiet = quiet
        self.folder, self._polls, self._life = folder, polls, life
        self._chance = random.Random(seed)  # noqa: S311 - to repeat a campaign, not to keep a secret
        self._token = hostile.new_token()
        self._world = World(folder)
        self._state = folder / "state"
        self._state.mkdir(mode=0o700)
        self._file = self._state / "journal.sqlite3"
        self._after: list[tuple[float, Callable[[], object]]] = []
        self._stopped = False
        self.found = Found()
        self._happenings: dict[Callable[[Pane], None], float] = {
            self._resize: 6,
            self._key: 8,
            self._stop: 1,
            self._suspend: 1,
            self._set_clock: 2,
            self._lock: 1,
            self._fill: 0.5,
            self._write_protect: 0.5,
            self._delete: 0.5,
            self._damage: 0.5,
            self._kill_helper: 1.5,
        }
        self._prepare()

    def _wrong(self, what: str) -> None:
        self.found.wrong.append(what)
        sys.stdout.write(f"WRONG after {sum(len(life.notes) for life in self.found.lives)} polls: {what}\n")
        sys.stdout.flush()

    # The children

    def _prepare(self) -> None:
        kinds = self.folder / "kinds"
        kinds.mkdir()
        answers = {f"reading-{n}": simulated(self._world, *REPORT, KIRO_SIM_USED=f"{100 + 3.25 * n}") for n in range(4)}
        for name, said in answers.items():
            (self.folder / name).write_bytes(said)
            (kinds / name).write_text(f"cat {shlex.quote(str(self.folder / name))}\n")
        # What says that the model was asked would switch the only way off for good, and who is signed out is not asked.
        never = ("model-", "signed-out")
        others = [path for path in sorted(RECORDINGS.glob("*.bytes")) if not path.stem.startswith(never)]
        for path in others:
            (kinds / path.stem).write_text(f"cat {shlex.quote(str(path))}\n")
        for name in hostile.NAMES:
            command = shlex.join(hostile.argv(name, self._token))
            (kinds / name.replace(" ", "-")).write_text(f"exec {command}\n")
        (kinds / "simulator").write_text(
            f'KIRO_SIM_PACE=0 PYTHONPATH={results.ROOT} exec {sys.executable} -m kiro_tui.simulator "$@"\n'
        )
        (self.folder / "plan").write_text("\n".join(self._plan(sorted(answers), [path.stem for path in others])) + "\n")
        (self.folder / "started").write_text("0\n")
        install(
            self._world,
            self.folder,
            f"read -r n < {self.folder}/started\n"
            "n=$((n + 1))\n"
            f"echo $n > {self.folder}/started\n"
            f'exec /bin/sh "{kinds}/$(sed -n ${{n}}p {self.folder}/plan)" "$@"',
        )

    def _plan(self, readings: Sequence[str], others: Sequence[str]) -> list[str]:
        """Return which child each start of kiro-cli is; a good one mostly says what it said before."""
        plan, reading = [], readings[0]
        for _ in range(self._polls * 3):
            weights = (1, 0, 0, 0) if self._quiet else (84, 6, 8, 2)
            kind = self._chance.choices(("reading", "other", "hostile", "simulator"), weights)[0]
            if kind == "reading":
                if not self._quiet and self._chance.random() < 0.3:
                    reading = self._chance.choice(readings)
                plan.append(reading)
            elif kind == "other":
                plan.append(self._chance.choice(others))
            else:
                plan.append(kind if kind == "simulator" else self._chance.choice(hostile.NAMES).replace(" ", "-"))
        return plan

    # The lives

    def run(self) -> Found:
        """Live through all of it, and look for what is left."""
        done = 0
        while done < self._polls and len(self.found.wrong) < 5:
            life = self._live(min(self._life, self._polls - done))
            done += len(life.notes)
            memory = [note["memory"] for note in life.notes if "memory" in note]
            sys.stdout.write(f"{done} polls, {len(self.found.wrong)} faults, memory {memory[::10]} kB\n")
            sys.stdout.flush()
        for _ in range(20):  # one look may miss a hopper
            self.found.left = max(self.found.left, len(hostile.alive(self._token)) + len(self._world.alive()))
        return self.found

    def _live(self, polls: int) -> Life:
        life = Life(self._chance.choice(ENDS))
        self.found.lives.append(life)
        (self.folder / NOTES).unlink(missing_ok=True)
        with self._dashboard() as pane:
            seen = time.monotonic()
            due = events = 0
            while len(life.notes) < polls:
                pane.read(0.05)
                self._do_what_is_due()
                if self._hear(life):
                    seen = time.monotonic()
                if pane.process.poll() is not None or time.monotonic() - seen > STALLED:
                    how = "ended by itself" if pane.process.poll() is not None else "hangs"
                    self._wrong(f"life {len(self.found.lives)} {how}: {pane.text[-600:]}")
                    break
                if len(life.notes) > due and not self._quiet:
                    due = len(life.notes) + self._chance.randrange(1, 5)
                    self._see_everything(pane, events)
                    events += 1
                    self._let_happen(pane)
            self._end(pane, life)
        self._do_what_is_due(everything=True)
        return life

    def _dashboard(self) -> Pane:
        # Modes of files count for nobody who may override them, as root may.
        renounce = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
        argv = (*renounce, sys.executable, "-m", "campaigns.soaked", str(self.folder))
        paths = f"{Path(__file__).parents[1]}:{results.ROOT}"
        env = {**self._world.env, "PYTHONPATH": paths, "KIRO_SOAK_CLI": str(self._world.kiro_cli)}
        env["KIRO_SOAK_TOKEN"] = self._token
        return Pane(argv, env)

    def _hear(self, life: Life) -> int:
        with suppress(FileNotFoundError):
            lines = (self.folder / NOTES).read_bytes().split(b"\n")[len(life.notes) : -1]
            life.notes += [json.loads(line) for line in lines]
            return len(lines)
        return 0

    def _end(self, pane: Pane, life: Life) -> None:
        name = f"life {len(self.found.lives)}, ended by {life.end!r}"
        self._do_what_is_due(everything=True)
        if pane.process.poll() is None:
            if life.end.startswith("SIG"):
                pane.signal(signal.Signals[life.end])
            else:
                pane.press({"ctrl+q": "\x11", "ctrl+c": "\x03"}[life.end])
            try:
                pane.ended(within=20)
            except AssertionError as error:
                self._wrong(f"{name}: does not end: {error}")
                pane.process.kill()
        if not self._world.all_ended() or hostile.alive(self._token):
            self.found.left += len(self._world.alive())
            self._wrong(f"{name}: something is left: {hostile.alive(self._token)}")
        if life.end != "SIGKILL" and (pane.modes() or pane.attributes != pane.attributes_before):
            self._wrong(f"{name}: the terminal is not as it was: {pane.modes()}")

    # What happens

    def _let_happen(self, pane: Pane) -> None:
        happen = self._chance.choices(list(self._happenings), list(self._happenings.values()))[0]
        self.found.happened[happen.__name__.strip("_").replace("_", " ")] += 1
        happen(pane)

    def _soon(self, undo: Callable[[], object]) -> None:
        self._after.append((time.monotonic() + self._chance.random() * LONGEST_FAULT, undo))

    def _do_what_is_due(self, *, everything: bool = False) -> None:
        due = [each for each in self._after if everything or each[0] <= time.monotonic()]
        self._after = [each for each in self._after if each not in due]
        for _, undo in due:
            undo()

    def _resize(self, pane: Pane) -> None:
        pane.resize(*self._chance.choice(SIZES))

    def _key(self, pane: Pane) -> None:
        pane.press(self._chance.choice(KEYS))

    def _see_everything(self, pane: Pane, events: int) -> None:
        """Open every sheet while it warms up, first in the largest pane: what that takes stays, and is no leak."""
        if events < len(KEYS):
            pane.resize(*SIZES[-1 if events <= 2 * len(SHEETS) else events % len(SIZES)])
            pane.press(KEYS[events])

    def _stop(self, pane: Pane) -> None:
        if not self._stopped:
            pane.signal(signal.SIGSTOP)
            self._must_stop(pane)
            self._stopped = True
            self._soon(lambda: self._go_on(pane))

    def _go_on(self, pane: Pane) -> None:
        self._stopped = False
        pane.signal(signal.SIGCONT)

    def _suspend(self, pane: Pane) -> None:
        if not self._stopped:
            pane.signal(signal.SIGTSTP)
            self._must_stop(pane)
            pane.signal(signal.SIGCONT)

    def _must_stop(self, pane: Pane) -> None:
        # Also so that the next one does not take this stop for its own, and goes on before it has come.
        if not pane.stopped(within=30):
            self._wrong("a stop did not stop it")

    def _set_clock(self, pane: Pane) -> None:
        hours = self._chance.choice((-30, -5, -1, 1, 5, 30))
        self._order(pane, f"clock {3600 * hours}")

    def _fill(self, pane: Pane) -> None:
        self._order(pane, f"full {self._chance.random() * LONGEST_FAULT}")

    def _order(self, pane: Pane, order: str) -> None:
        (self.folder / ORDERS).write_text(order)
        pane.signal(signal.SIGUSR1)

    def _lock(self, _pane: Pane) -> None:
        if self._file.exists():
            holder = sqlite3.connect(self._file, isolation_level=None, timeout=0)
            try:
                holder.execute("BEGIN EXCLUSIVE")
            except sqlite3.Error:  # it is damaged, or somebody writes just now
                holder.close()
            else:
                self._soon(holder.close)

    def _write_protect(self, _pane: Pane) -> None:
        self._state.chmod(0o500)
        if self._file.exists():
            self._file.chmod(0o400)
        self._soon(self._allow_writing)

    def _allow_writing(self) -> None:
        self._state.chmod(0o700)
        if self._file.exists():
            self._file.chmod(0o600)

    def _delete(self, _pane: Pane) -> None:
        for path in self._state.glob("journal.sqlite3*"):
            path.unlink(missing_ok=True)

    def _damage(self, _pane: Pane) -> None:
        with suppress(FileNotFoundError), self._file.open("r+b") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(self._chance.choice((0, 20, self._chance.randrange(max(size, 1)))))
            file.write(self._chance.randbytes(200))

    def _kill_helper(self, pane: Pane) -> None:
        for task in Path(f"/proc/{pane.process.pid}/task").glob("*/children"):
            with suppress(OSError):
                for pid in task.read_text().split():
                    os.kill(int(pid), signal.SIGKILL)


# The slope test -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Slope:
    """How something grew."""

    name: str
    least: float
    most: float
    """Of the samples after the warm-up."""
    estimate: float
    low: float
    high: float
    bound: float
    samples: int

    @property
    def holds(self) -> bool:
        return self.high <= self.bound


def theil_sen(points: Sequence[tuple[float, float]]) -> float | None:
    """Return the median of the slopes of all pairs."""
    slopes = [(y2 - y1) / (x2 - x1) for (x1, y1), (x2, y2) in combinations(points, 2) if x1 != x2]
    return median(slopes) if slopes else None


def rise(memory: Sequence[float]) -> float:
    """Return by how much the end is above the beginning."""
    return median(memory[-5:]) - median(memory[:5]) if memory else 0.0


def slope(
    name: str,
    lives: Sequence[Sequence[tuple[float, float]]],
    seed: int,
    scale: float = 1000,
    bound: float | None = None,
) -> Slope:
    """Return how it grew in a life of these points, with its interval."""
    by_life = [each for each in map(theil_sen, lives) if each is not None]
    chance = random.Random(seed)  # noqa: S311 - a bootstrap, no secret
    medians = [median(chance.choices(by_life, k=len(by_life))) for _ in range(2000)] if by_life else [0.0, 0.0]
    cuts = quantiles(medians, n=40)
    values = [y for life in lives for _, y in life] or [0.0]
    estimate = median(by_life) if by_life else 0.0
    return Slope(
        *(name, min(values), max(values), scale * estimate, scale * cuts[0], scale * cuts[-1]),
        bound=BOUNDS[name] if bound is None else bound,
        samples=len(values),
    )


def plain(each: Slope) -> dict[str, object]:
    """Return it as JSON holds it."""
    return {name: getattr(each, name) for name in Slope.__slots__} | {"holds": each.holds}


def control(lives: Sequence[Life], seed: int) -> Slope:
    """Return how the memory of quiet lives grew."""
    return slope("memory", [memory_of(life, QUIET_WARM_UP) for life in lives], seed, bound=QUIET_BOUND)


def memory_of(life: Life, warm_up: int) -> list[tuple[float, float]]:
    """Return the polls after the first ones at which the memory was looked at, and what it was, in kB."""
    looks = [(poll, note["memory"]) for poll, note in enumerate(life.notes, 1) if poll > warm_up and "memory" in note]
    return [(float(poll), float(memory or 0)) for poll, memory in looks]


def slopes(lives: Sequence[Life], seed: int) -> list[Slope]:
    """Return all of them."""

    def points(life: Life, what: str, against: str | None = None) -> list[tuple[float, float]]:
        noted = [(poll, note) for poll, note in enumerate(life.notes, 1) if poll > WARM_UP]
        return [
            (float(note[against] or 0) if against else poll, float(note[what] or 0))
            for poll, note in noted
            if note.get(what) is not None
        ][:: 1 if what in {"memory", "rows"} else 5]

    growing = [slope(what, [points(life, what) for life in lives], seed) for what in list(BOUNDS)[:-1]]
    return [*growing, slope("rows", [points(life, "rows", "changes") for life in lives], seed, scale=1)]


def rises(lives: Sequence[Life]) -> list[float]:
    """Return by how much the memory of each life rose after its first polls."""
    return [rise([memory for _, memory in memory_of(life, WARM_UP)]) for life in lives]


def soaked(polls: int, life: int, seed: int, quiet: bool) -> Found:  # noqa: FBT001 - `map` gives it by position
    """Soak in a world of its own."""
    with TemporaryDirectory(prefix="kiro-tui-soak-") as folder:
        return Soak(Path(folder), polls, life, seed, quiet=quiet).run()


def in_lanes(lanes: int, polls: int, life: int, seed: int, *, quiet: bool = False) -> Found:
    """Soak in several worlds at a time."""
    shares = [polls // lanes] * lanes
    shares[0] += polls - sum(shares)
    with ProcessPoolExecutor(lanes) as pool:
        return sum(pool.map(soaked, shares, repeat(life), range(seed, seed + lanes), repeat(quiet)), Found())


def main() -> int:
    """Run one campaign from the command line; 1 when something grew, hung, was left or broken."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--polls", type=int, default=5000)
    parser.add_argument("--life", type=int, default=1000, help="polls of one dashboard")
    parser.add_argument("--control", type=int, default=2000, help="polls of quiet lives, to compare the memory with")
    parser.add_argument("--lanes", type=int, default=2, help="dashboards at a time, each in a world of its own")
    parser.add_argument("--seed", type=int, default=1)
    results.add_option(parser, "soak")
    options = parser.parse_args()
    sys.stdout.write(f"seed {options.seed}\n")
    began = time.monotonic()
    found = in_lanes(options.lanes, options.polls, options.life, options.seed)
    quiet = control(
        in_lanes(options.lanes, options.control, options.control // 4, options.seed, quiet=True).lives, options.seed
    )
    took = time.monotonic() - began
    grown = slopes(found.lives, options.seed)
    said = Counter(str(note["said"]) for life in found.lives for note in life.notes)
    memory = [[float(note["memory"] or 0) for note in life.notes if "memory" in note] for life in found.lives]
    highest = max(rises(found.lives), default=0.0)
    if highest > LARGEST_RISE:
        found.wrong.append(f"memory rose by {highest:.0f} kB in one life")
    _show(found, [*grown, replace(quiet, name="quiet memory")], highest, said, took)
    results.keep(
        options,
        {
            "seed": options.seed,
            "polls": said.total(),
            "minutes": took / 60,
            "lives": Counter(life.end for life in found.lives),
            "life": options.life,
            "warm_up": WARM_UP,
            "answers": said,
            "happened": found.happened,
            "left": found.left,
            "wrong": found.wrong,
            "memory": memory,
            "rise": {"most": highest, "bound": LARGEST_RISE},
            "slopes": [plain(each) for each in grown],
            "control": plain(quiet),
        },
    )
    return int(bool(found.wrong or found.left or not all(each.holds for each in (*grown, quiet))))


def _show(found: Found, grown: Sequence[Slope], highest: float, said: Counter[str], took: float) -> None:
    lines = [
        f"{said.total()} polls in {took / 60:.1f} minutes, {len(found.lives)} lives",
        "answers:  " + ", ".join(f"{name} {count}" for name, count in said.most_common()),
        "happened: " + ", ".join(f"{name} {count}" for name, count in found.happened.most_common()),
        f"left:     {found.left} processes",
        f"memory:   rose by at most {highest:.0f} kB in one life",
        "",
        f"{'per 1,000 polls':16}{'least':>9}{'most':>9}{'slope':>10}{'95 % interval':>22}{'bound':>9}",
        *(
            f"{each.name:16}{each.least:9.0f}{each.most:9.0f}{each.estimate:10.2f}"
            f"{f'{each.low:.2f} to {each.high:.2f}':>22}{each.bound:9.2f}{'' if each.holds else '  GROWS'}"
            for each in grown
        ),
        *(f"WRONG: {each}" for each in found.wrong),
        "",
    ]
    sys.stdout.write("\n".join(lines))


if __name__ == "__main__":
    sys.exit(main())
