"""What must hold, and what is aimed at: one row for each thing that a person would notice.

A bound is a figure, or so many times what another program gave in the same run. Why an aim is missed stands here too,
as it was measured; the page says it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from benchmarks.programs import (
    CACHED,
    CAT,
    EMPTY,
    GROWN,
    HTOP,
    MINUTES,
    PASS,
    SECONDS,
    SPEND_AGAIN,
    SPEND_FIRST,
    TEXTBOOK,
)
from benchmarks.samples import Samples, ratio, typical

Say = Callable[[float], str]


def milliseconds(seconds: float) -> str:
    """Say a short time."""
    return f"{seconds * 1000:.0f} ms" if seconds >= 0.01 else f"{seconds * 1000:.1f} ms"  # noqa: PLR2004 - 10 ms


UNITS: Mapping[str, Say] = {
    "time": milliseconds,
    "seconds": lambda seconds: f"{seconds:.2f} s",
    "processor": lambda seconds: f"{seconds:.4f} s/min" if seconds < 0.1 else f"{seconds:.2f} s/min",  # noqa: PLR2004 - of 60 s
    "rate": lambda each: f"{each:.1f} B/s",
    "wake-ups": lambda each: f"{each:.1f} /s",
    "memory": lambda mebibytes: f"{mebibytes:.1f} MiB",
    "count": lambda count: f"{count:.0f}",
}
"""How figures are said."""


@dataclass(frozen=True, slots=True)
class Bound:
    """At most this much: in the row's own unit, or times what another program gave."""

    most: float
    of: str | None = None


@dataclass(frozen=True, slots=True)
class Measure:
    """Something that a trial measures of each program."""

    trial: str
    name: str
    unit: str


@dataclass(frozen=True, slots=True)
class Row:
    """One figure of one program, and what it may be."""

    key: str
    name: str
    program: str
    measure: Measure
    must: tuple[Bound, ...] = ()
    aim: tuple[Bound, ...] = ()
    beside: tuple[str, ...] = ()
    """What is shown with it, besides the programs of the bounds."""
    grows: bool = True
    """Whether it must be the same with a long past."""

    @property
    def anchors(self) -> tuple[str, ...]:
        """The programs that it stands beside."""
        named = [bound.of for bound in (*self.must, *self.aim) if bound.of]
        return tuple(dict.fromkeys([*named, *self.beside]))

    @property
    def needs_past(self) -> bool:
        """Whether it is measured where the past is long."""
        return self.grows or self.program == LONG_PAST or self.measure is SPEND

    def of(self, program: str, samples: Samples) -> float | None:
        """Return what the program gave, typically; None where that was not measured."""
        return typical(samples, program, self.measure.name)

    def say(self, figure: float) -> str:
        """Return the figure with its unit."""
        return UNITS[self.measure.unit](figure)


class Verdict(StrEnum):
    """What came of a row."""

    AIM = "aim reached"
    MUST = "must reached"
    MISSED = "MISSED"
    SHOWN = ""
    """Nothing is asked of it."""
    UNKNOWN = "not measured"


def judge(row: Row, samples: Samples) -> Verdict:
    """Return what came of it; bounds by a program that is not here are left out."""
    figure = row.of(row.program, samples)
    if figure is None:
        return Verdict.UNKNOWN

    def holds(bounds: tuple[Bound, ...]) -> bool:
        anchors = [(bound, row.of(bound.of, samples) if bound.of else 1.0) for bound in bounds]
        return all(figure <= bound.most * anchor for bound, anchor in anchors if anchor is not None)

    if not row.must:
        return Verdict.SHOWN
    if not holds(row.must):
        return Verdict.MISSED
    return Verdict.AIM if holds(row.aim) else Verdict.MUST


def compared(row: Row, samples: Samples) -> list[tuple[str, float]]:
    """Return how many times each of its anchors it is."""
    figure = row.of(row.program, samples)
    anchors = [(name, row.of(name, samples)) for name in row.anchors]
    return [(name, ratio(figure, anchor)) for name, anchor in anchors if figure is not None and anchor is not None]


PROCESSOR = Measure("rest", "processor", "processor")
BYTES = Measure("rest", "bytes", "rate")
WAKE_UPS = Measure("rest", "wake_ups", "wake-ups")
READING = Measure("launch", "reading", "time")
FRAME = Measure("launch", "frame", "time")
LISTENING = Measure("launch", "keys", "time")
MEMORY = Measure("memory", "memory", "memory")
BROKEN = Measure("launch", "broken", "count")
ON_TOP = Measure("poll", "on_top", "time")
COMMAND = Measure("cached", "command", "time")
SPEND = Measure("spend", "spend", "seconds")

LONG_PAST = MINUTES + GROWN


def _quit(way: str, spoken: str) -> Row:
    measure = Measure("launch", f"quit_{way}", "time")
    return Row(f"quit-{way}", f"quitting by {spoken}", MINUTES, measure, (Bound(1, EMPTY),), (Bound(0.05),))


def _block(key: str, when: str, phase: str, program: str = MINUTES, *, bound: bool = True) -> Row:
    measure = Measure("loop", f"block_{phase}", "time")
    must, aim = ((Bound(0.016),), (Bound(0.008),)) if bound else ((), ())
    return Row(key, f"longest block of the event loop {when}", program, measure, must, aim, (EMPTY,), grows=False)


ROWS: tuple[Row, ...] = (
    Row(
        "cpu",
        "processor at rest, minutes shown",
        MINUTES,
        PROCESSOR,
        must=(Bound(0.15, HTOP), Bound(0.5, EMPTY)),
        aim=(Bound(0.05, HTOP),),
        beside=(TEXTBOOK,),
    ),
    Row(
        "cpu-seconds",
        "processor at rest, seconds shown",
        SECONDS,
        PROCESSOR,
        must=(Bound(0.5, HTOP),),
        aim=(Bound(0.35, HTOP),),
        beside=(TEXTBOOK,),
    ),
    Row("bytes", "written at rest, minutes shown", MINUTES, BYTES, (Bound(30),), (Bound(25),), (HTOP,)),
    Row(
        "bytes-seconds",
        "written at rest, seconds shown",
        SECONDS,
        BYTES,
        must=(Bound(500),),
        aim=(Bound(250),),
        beside=(HTOP, TEXTBOOK),
    ),
    Row("wake-ups", "wake-ups at rest, minutes shown", MINUTES, WAKE_UPS, (Bound(1),), (Bound(0.5),), (HTOP, EMPTY)),
    Row(
        "wake-ups-seconds",
        "wake-ups at rest, seconds shown",
        SECONDS,
        WAKE_UPS,
        must=(Bound(5),),
        aim=(Bound(4),),
        beside=(HTOP, EMPTY, TEXTBOOK),
    ),
    Row(
        "reading",
        "launch to the last reading on the screen",
        MINUTES,
        READING,
        must=(Bound(1.3, EMPTY),),
        aim=(Bound(1.15, EMPTY),),
        beside=(TEXTBOOK, HTOP),
    ),
    Row(
        "frame",
        "launch to the first painted frame",
        MINUTES,
        FRAME,
        must=(Bound(1.25, EMPTY),),
        aim=(Bound(0.15, EMPTY),),
        beside=(TEXTBOOK, HTOP),
    ),
    Row("keys", "launch until keys are heard", MINUTES, LISTENING, beside=(EMPTY, TEXTBOOK)),
    Row(
        "memory",
        "memory (PSS) after 20 questions",
        MINUTES,
        MEMORY,
        must=(Bound(1.6, EMPTY),),
        aim=(Bound(1.3, EMPTY),),
        beside=(TEXTBOOK, HTOP),
    ),
    _quit("q", "q"),
    _quit("term", "SIGTERM"),
    _quit("hup", "SIGHUP"),
    Row("restored", "terminals left otherwise than found", MINUTES, BROKEN, (Bound(0),), (Bound(0),)),
    Row("poll", "a question, on top of kiro-cli's own time", MINUTES, ON_TOP, (Bound(0.1),), (Bound(0.06),)),
    _block("loop", "while it asks", "polls"),
    _block("loop-past", "while it asks, with a long past", "polls", LONG_PAST),
    _block("loop-launch", "while it opens", "launch"),
    _block("loop-keys", "by keys", "keys", bound=False),
    _block("loop-sizes", "by resizes", "resizes", bound=False),
    Row("cached", CACHED, CACHED, COMMAND, (Bound(3, PASS),), (Bound(2, PASS),), grows=False),
    Row("spend", "spend, 200,000 turns, first time", SPEND_FIRST, SPEND, (Bound(10, CAT),), grows=False),
    Row("spend-again", "spend, 200,000 turns, second time", SPEND_AGAIN, SPEND, (Bound(1, CAT),), grows=False),
)

REASONS: Mapping[str, str] = {
    "cpu-seconds": "a second costs 1.8 ms: 0.4 to compose the page, 0.5 to find and write the row that changed, 0.15 "
    "for the pane's title, the rest in the event loop and the thread that writes. Textual's own way of drawing one row "
    "took 1.2 more.",
    "memory": "measured one by one, beyond the empty app's 27 MiB: the dashboard's own modules 2.5, command line and "
    "settings 1.7, the domain 0.6, asking kiro-cli 2.0 (pyte and ctypes among it), plotext 1.5, wcwidth 1.2, sqlite3 "
    "and the journal 0.8; the names of keys, which Textual looks up in Unicode's tables at the first key, 0.8. What is "
    "left is what is shown, and what Python keeps in reserve after a month of readings was looked through.",
    "poll": "the warden that holds kiro-cli is a Python of its own: 11 ms until it runs, 32 more to read its modules "
    "(dataclasses 9, pexpect 6, pathlib and subprocess 4 each).",
    "loop-launch": "Textual parses its styles in one go (12 ms, as in the empty app), and styles, lays out and draws "
    "the first screen in one callback (16).",
    "loop-keys": "Textual opens the palette in 20 ms (the empty app: 16) and the help in 21, a third of it to tint the "
    "page behind; a new theme takes 20 to 30, in which it parses all its styles anew. Once in several screens Python "
    "looks for garbage: 35 to 50 ms among 30,000 to 45,000 objects.",
    "loop-sizes": "a pane that grows to 120 × 40 is laid out and drawn by Textual in 15 to 25 ms (the empty app: 28), "
    "the month in it by plotext in 6 to 9. The longest are those in which Python looks for garbage, as above.",
}
"""Why an aim is missed, or why there is none, by the row's key: what was measured, not what is supposed."""
