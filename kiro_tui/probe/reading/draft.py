"""A usage report while it is being read: what was found so far, and whether anything is missing.

Knows no wording: reader.py fills it in, line by line.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from kiro_tui.domain.text import clean
from kiro_tui.domain.usage import Overage, Report, Window
from kiro_tui.errors import NotRecognised
from kiro_tui.probe.reading.meters import Meter, remarks, total_overage
from kiro_tui.probe.reading.refusals import LOOK_AT_THE_SCREEN
from kiro_tui.probe.reading.unread import unread_note


@dataclass(slots=True)
class Draft:
    """What was read of one report; a new report starts with a new draft."""

    started: bool = False
    """A row of a report was seen; figures before it belong to something else."""
    titled: bool = False
    """It has the title row, below which a bar stands under its figures and never above them."""
    plan: str | None = None
    resets_at: datetime | None = None
    managed: bool = False
    organization: bool = False
    meters: list[Meter] = field(default_factory=list)
    bonuses: list[Window] = field(default_factory=list)
    packs: list[Window] = field(default_factory=list)
    heading: str | None = None
    """The heading of a list that has nothing below it yet."""
    no_bar_expected: set[int] = field(default_factory=set)
    """Meters that are complete without a bar: the percent is in their row, or a row that is unknown took its place."""
    unreadable: str | None = None
    """The first line with a figure that is there and cannot be read."""
    unread: list[str] = field(default_factory=list)
    """Rows of the report, or parts of them, that were not understood."""
    inline: bool = False
    """It is of the dialect with the percent beside the figures, which ends without a mark."""
    percent_alone: Decimal | None = None
    """The percent of a bar that stands in the report without figures."""
    ended: bool = False
    """Below it stands what every report is followed by."""
    cut_by_pane: bool = False
    """Its end is on the screen, and rows above the end may not be."""
    busy: bool = False
    """kiro-cli says that more is to come."""
    other_lines: list[str] = field(default_factory=list)
    """Lines since the header that are no part of a report."""

    @property
    def has_figures(self) -> bool:
        """Whether any window was read."""
        return bool(self.bonuses or self.packs or any(meter.used is not None for meter in self.meters))

    @property
    def is_report(self) -> bool:
        """Whether this is a report at all: it has figures, or word that there are none, or figures that are damaged."""
        return bool(self.has_figures or self.managed or self.unreadable)

    @property
    def is_whole(self) -> bool:
        """Whether nothing is left to come."""
        if not self.is_report or self.busy:
            return False
        if self.cut_by_pane:
            return True
        has_bars = all(
            meter.limit is None or meter.percent is not None or index in self.no_bar_expected
            for index, meter in enumerate(self.meters)
        )
        return (self.ended or self.inline) and has_bars and self.heading is None

    def complete_meter(self, percent: Decimal | None, resets_at: datetime | None) -> None:
        """Add to the last meter what its bar says."""
        self.meters[-1] = replace(self.meters[-1], percent=percent, resets_at=resets_at or self.meters[-1].resets_at)

    def set_overage(self, overage: Overage) -> None:
        """Say of the last meter what came on top of it."""
        self.meters[-1] = replace(self.meters[-1], overage=overage)

    def report(self) -> Report:
        """Return what was read; raise NotRecognised where a figure is unreadable and nothing else was read."""
        if self.unreadable is not None and not self.has_figures and not self.managed:
            quoted = clean(self.unreadable, 80)
            raise NotRecognised(f"A figure in the usage report cannot be read: “{quoted}”.", LOOK_AT_THE_SCREEN)
        meters = [replace(meter, resets_at=meter.resets_at or self.resets_at) for meter in self.meters]
        windows = (window for meter in meters if (window := meter.window()) is not None)
        return Report(
            plan=self.plan,
            windows=(*windows, *self.bonuses, *self.packs),
            overage=total_overage(meter.overage for meter in meters),
            managed=self.managed,
            organization=self.organization,
            notes=(*remarks(meters, has_packs=bool(self.packs)), *unread_note(self.unread)),
        )
