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

TOOLKIT = (
    "Textual styles, lays out and draws a whole screen in one callback, and a theme likewise: nine tenths of the time "
    "in which the help opens are its own, a third of these to tint the page behind"
)
CONVOY = (
    "a new forecast draws the month (plotext, 6 to 9 ms) and the page that the next launch paints first. Alone on the "
    "machine that was 16 to 39 ms, beside two busy processors 200: the thread that works out the forecast keeps the "
    "interpreter for 5 ms at each of its turns, and with turns of 0.5 ms 80 were left."
)
REASONS: Mapping[str, str] = {
    "cpu-seconds": "a drawing of one changed row takes 4 ms; page and rows are 0.5 of these, Textual's compositor and "
    "writer the rest.",
    "wake-ups-seconds": "a drawing wakes the event loop twice (for the text, and when Textual's screen timer stops), "
    "and Textual's writer thread three times, of which two are turns at the interpreter's lock.",
    "memory": "measured one by one, beyond the empty app's 23 MiB: our own modules 5.3, asking kiro-cli (pyte, the "
    "readers, ctypes) 2.8, plotext 1.5, the readings and the picture of the month 1.2, sqlite3 and the journal 0.5.",
    "poll": "the warden that holds kiro-cli is a Python of its own: 11 ms until it runs, 32 more to read its modules "
    "(dataclasses 9, pexpect 6, pathlib and subprocess 4 each).",
    "loop": CONVOY,
    "loop-past": CONVOY,
    "loop-keys": f"{TOOLKIT}.",
    "loop-sizes": f"{TOOLKIT}; and the month is drawn anew for the new size.",
    "loop-launch": f"{TOOLKIT}.",
}
"""Why an aim is missed, by the row's key: what was measured, not what is supposed."""
