"""The list on the Spend screen: sums or turns as rows, each with a thin bar, its credits and its share.

Pure. A list is laid out once, and only the rows in sight are drawn. What is not known is shown as a dash.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from decimal import Decimal
from typing import NamedTuple

from kiro_tui.domain import wording
from kiro_tui.domain.spend import By, Row, Spend, Turn
from kiro_tui.ui.glyphs import BAR, CHOSEN, DASH, ELLIPSIS, HALF_BAR
from kiro_tui.ui.line import Line, Role, Span, cut, width

UNKNOWN = DASH
NAMELESS = {By.PROJECT: "unknown project", By.SESSION: "untitled", By.MODEL: "unknown model", By.DAY: ""}
WIDE = 60
"""Cells from which the columns stand well apart."""
ROOM_FOR_LABELS = 46
"""Cells that labels and bars want together at most, before further columns may stand beside them."""
SHORTEST_BAR, GOOD_BAR = 6, 12
LONGEST_BAR = 40
MARKER = CHOSEN
"""Stands in the margin beside the row that is chosen."""
FULL = Decimal(100)


class Entry(NamedTuple):
    """One row of a list."""

    label: str
    beside: str
    """Dim words behind the label, where there is room."""
    credits: str
    share: str
    length: Decimal
    """Of its bar: 1 for the row that used most."""
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """A list, laid out: the widths are those of all its rows, so that nothing moves when it is scrolled."""

    heading: str
    columns: tuple[str, ...]
    """The headings of the facts."""
    entries: tuple[Entry, ...]
    label: int
    beside: int
    credits: int
    share: int
    facts: tuple[int, ...]
    ends_matter: bool
    """A label that is too long loses its beginning, as a path should."""


def listing(spend: Spend, zone: tzinfo | None) -> Listing:
    """Lay out sums."""
    most = max((row.tally.credits or Decimal(0) for row in spend.rows), default=Decimal(0))
    columns = {By.SESSION: ("Turns", "Last"), By.DAY: ("Turns", "Sessions")}.get(
        spend.by, ("Turns", "Sessions", "Last")
    )
    entries = (
        Entry(
            *_names(spend.by, row),
            *_figures(row.tally.credits, row.share),
            _part(row.tally.credits, most),
            tuple(_fact(column, row, zone) for column in columns),
        )
        for row in spend.rows
    )
    return _laid_out(spend.by.value.capitalize(), columns, entries, ends_matter=spend.by is By.PROJECT)


def listing_of_turns(turns: Sequence[Turn], zone: tzinfo | None) -> Listing:
    """Lay out the turns of a session."""
    costs = [turn.credits for turn in turns if turn.credits is not None]
    total, most = sum(costs, Decimal(0)), max(costs, default=Decimal(0))
    entries = (
        Entry(
            _moment(turn.at, zone),
            "",
            *_figures(turn.credits, turn.credits * FULL / total if turn.credits is not None and total else None),
            _part(turn.credits, most),
            (),
        )
        for turn in turns
    )
    return _laid_out("Turn", (), entries)


@dataclass(frozen=True, slots=True)
class Sight:
    """How much of a list is in sight."""

    cells: int
    margin: int
    """Blank cells on both sides of them."""
    rows: int
    """With the headings."""


def rows_of(of: Listing, chosen: int, top: int, sight: Sight) -> tuple[Line, ...]:
    """Draw the headings and the entries from `top` on."""
    shape = _Shape.of(of, sight.cells)
    shown = of.entries[top : top + max(sight.rows - 1, 0)]
    lines = (shape.row(entry, top + y, sight.margin, chosen=top + y == chosen) for y, entry in enumerate(shown))
    return (inset(shape.headings(), sight.margin), *lines)


def _laid_out(
    heading: str, columns: tuple[str, ...], entries: Iterable[Entry], *, ends_matter: bool = False
) -> Listing:
    entries = tuple(entries)
    return Listing(
        heading,
        columns,
        entries,
        label=max(width(heading), *(width(e.label) for e in entries)) if entries else 0,
        beside=max((width(e.beside) for e in entries), default=0),
        credits=max(len("Credits"), *(len(e.credits) for e in entries)) if entries else 0,
        share=max(len("Share"), *(len(e.share) for e in entries)) if entries else 0,
        facts=tuple(max(len(name), *(len(e.facts[n]) for e in entries)) for n, name in enumerate(columns) if entries),
        ends_matter=ends_matter,
    )


def _names(by: By, row: Row) -> tuple[str, str]:
    if by is By.DAY:
        return f"{date.fromisoformat(row.key):%a} {row.label}", ""
    project = row.session.project if row.session else None
    return row.label or NAMELESS[by], project.rstrip("/").rpartition("/")[2] if project else ""


def _figures(used: Decimal | None, share: Decimal | None) -> tuple[str, str]:
    return (
        UNKNOWN if used is None else wording.amount(used),
        UNKNOWN if share is None else wording.percent(share),
    )


def _fact(column: str, row: Row, zone: tzinfo | None) -> str:
    if column == "Turns":
        return str(row.tally.turns)
    if column == "Sessions":
        return str(row.sessions)
    at = row.tally.last_at
    return UNKNOWN if at is None else wording.dates(at, at, zone)


def _part(part: Decimal | None, whole: Decimal) -> Decimal:
    return part / whole if part and whole else Decimal(0)


def _moment(at: datetime, zone: tzinfo | None) -> str:
    local = at.astimezone(zone)
    return f"{local:%a %b} {local.day:>2}, {local:%H:%M}"


class _Shape(NamedTuple):
    """The columns of a list in a page of some width."""

    listing: Listing
    label: int
    bar: int
    gap: int
    facts: int
    """How many of them have room."""

    @classmethod
    def of(cls, listing: Listing, cells: int) -> "_Shape":
        gap = 3 if cells >= WIDE else 2
        rest = cells - listing.credits - listing.share - 2 * gap
        wanted = listing.label + (listing.beside + 2 if listing.beside else 0)
        facts = 0
        for needs in listing.facts:
            if rest - needs - gap < min(wanted + gap + GOOD_BAR, ROOM_FOR_LABELS):
                break
            rest -= needs + gap
            facts += 1
        label = min(wanted, max(rest * 2 // 3, rest - gap - LONGEST_BAR))
        bar = rest - label - gap
        return cls(listing, label, bar, gap, facts) if bar >= SHORTEST_BAR else cls(listing, rest, 0, gap, facts)

    def headings(self) -> Line:
        of = self.listing
        names = [cut(of.heading, self.label).ljust(self.label), *([" " * self.bar] if self.bar else [])]
        names += ["Credits".rjust(of.credits), "Share".rjust(of.share)]
        names += [name.rjust(needs) for name, needs in self._shown(of.columns)]
        return Line((Span((" " * self.gap).join(names), Role.DIM),))

    def row(self, entry: Entry, number: int, margin: int, *, chosen: bool) -> Line:
        gap, click = Span(" " * self.gap), f"screen.pick({number})"
        label = cut_beginning(entry.label, self.label) if self.listing.ends_matter else cut(entry.label, self.label)
        room = self.label - width(label)
        beside = f"  {entry.beside}" if entry.beside and width(entry.beside) + 2 <= room else ""
        spans = [
            Span((MARKER if chosen else "").ljust(margin), Role.BRAND),
            Span(label, Role.NAME if chosen else Role.TEXT, click),
            Span(beside + " " * (room - width(beside)), Role.DIM, click),
        ]
        if self.bar:
            spans += [gap, Span(bar(entry.length, self.bar).ljust(self.bar), Role.PLAN, click)]
        spans += [gap, Span(entry.credits.rjust(self.listing.credits), Role.NAME if chosen else Role.TEXT)]
        spans += [gap, Span(entry.share.rjust(self.listing.share), Role.DIM)]
        for fact, needs in self._shown(entry.facts):
            spans += [gap, Span(fact.rjust(needs), Role.DIM)]
        return Line(tuple(spans))

    def _shown(self, facts: Sequence[str]) -> Iterable[tuple[str, int]]:
        return list(zip(facts, self.listing.facts, strict=False))[: self.facts]


def bar(length: Decimal, cells: int) -> str:
    """Return a bar, half a cell at a time; 1 fills the cells, and what is more than nothing can be seen."""
    halves = min(int(cells * 2 * length), cells * 2)
    whole, half = divmod(max(halves, 1) if length > 0 else 0, 2)
    return BAR * whole + HALF_BAR * half


def cut_beginning(text: str, cells: int) -> str:
    """Return the text without so much of its beginning that it takes at most so many cells."""
    if width(text) <= cells:
        return text
    while text and width(text) >= cells:
        text = text[1:]
    return f"{ELLIPSIS}{text}" if cells > 0 else ""


def inset(line: Line, margin: int) -> Line:
    """Return the line with a margin on both sides."""
    blank = (Span(" " * margin),) if margin else ()
    return Line((*blank, *line.left), (*line.right, *blank) if line.right else ())
