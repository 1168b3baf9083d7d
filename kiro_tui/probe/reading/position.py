"""Where the reading of a screen stands: the report that is being read, and what the lines above the current one began.

Knows no wording: the functions for each kind of row (title_rows.py, meter_rows.py, extra_rows.py) change it.
"""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from kiro_tui.domain.usage import Overage, WindowKind
from kiro_tui.probe.reading.draft import Draft

Bar = tuple[Decimal, datetime | None]
"""A percent, and the reset that may stand beside it."""


@dataclass(slots=True)
class Position:
    """The state of reading between two lines."""

    now: datetime
    draft: Draft = field(default_factory=Draft)
    earlier: Draft | None = None
    """The report above the one that is being read."""
    line: str = ""
    line_above: str = ""
    number: int = 0
    """Of the current line, counting those that are not blank."""
    ends_open: bool = False
    """The current line may be cut off within a number, so that it says something else than it would."""
    is_framed: bool = False
    """The current line stood between the sides of a box."""
    in_box: bool = False
    is_spoken: bool = False
    """A model's answer begins above."""
    is_beside: bool = False
    """Here stands the interface, and not the report."""
    in_context: bool = False
    """What follows are bars of the context window."""
    plan_above: str | None = None
    """The plan's name above a report without a title row."""
    # A bar belongs to the figures above it (a title with figures, then the bar) or below it (a title, the bar, the
    # figures).
    title: str | None = None
    title_line: str | None = None
    bar_above: Bar | None = None
    bar_line: str | None = None
    awaits_bar: bool = False
    meter_number: int = 0
    """The line of the last meter, or of the part of its bar that was seen last."""
    list_kind: WindowKind | None = None
    overage_is_open: bool = False
    overage_above: Overage | None = None
    """Overage that was stated above the first meter."""

    def begin(self, *, titled: bool = False) -> None:
        """Begin a new report."""
        if self.draft.has_figures:
            self.earlier = self.draft
        self.draft = Draft(started=True, titled=titled)
        self.title_line = self.bar_line = self.overage_above = None
        self.awaits_bar = False
        self.section()

    def begin_untitled(self) -> bool:
        """Begin a report without a title row, except in what a model says; say whether it was begun."""
        if self.is_spoken:
            return False
        title, bar = self.title, self.bar_above
        self.begin()
        self.title, self.bar_above = title, bar
        self.draft.plan = self.plan_above
        return True

    def section(self, kind: WindowKind | None = None) -> None:
        """Begin a part of the report: a list of bonuses or packs, or something else.

        A meter that still awaits its bar goes on doing so.
        """
        self.forget_title()
        self.list_kind = kind
        self.overage_is_open = self.is_beside = self.in_context = False
        self.draft.heading = None if kind is None else self.line
        self.draft.ended = False

    def forget_title(self) -> None:
        """Give up a title and a bar that no figures followed."""
        if self.draft.started:
            self.draft.unread += [line for line in (self.title_line, self.bar_line) if line is not None]
        if self.draft.started and self.bar_line is not None and self.bar_above is not None:
            self.draft.percent_alone = self.bar_above[0]
        self.title = self.title_line = self.bar_above = self.bar_line = None

    def note_unread(self, line: str) -> None:
        """Take down that the line, or a part of it, was not understood; it may be what is missing elsewhere."""
        self.draft.unread.append(line)
        self.draft.heading = None
        if self.awaits_bar:
            self.draft.no_bar_expected.add(len(self.draft.meters) - 1)

    def note_unreadable(self) -> None:
        """Take down that a figure of the current line cannot be read."""
        self.draft.unreadable = self.draft.unreadable or self.line
        self.note_unread(self.line)

    def finish(self) -> Draft:
        """Return what was read, after the last line."""
        self.forget_title()
        draft, earlier = self.draft, self.earlier
        if draft.heading is not None:
            draft.unread.append(draft.heading)
        if earlier is None or draft.has_figures or draft.managed:
            return draft
        if earlier.titled:
            if draft.unreadable is not None:
                return draft
            # A new report has begun and has no figures yet.
            earlier.ended = earlier.inline = earlier.cut_by_pane = False
        else:  # the title row stands below the figures
            earlier.plan, earlier.resets_at = earlier.plan or draft.plan, earlier.resets_at or draft.resets_at
            earlier.ended = draft.ended
            earlier.unread += draft.unread
        earlier.other_lines += draft.other_lines
        return earlier
