"""A usage report while it is being read: what was found so far, and whether anything is missing.

Knows no wording: report.py fills it in, line by line.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from kiro_tui.domain.text import clean
from kiro_tui.domain.usage import Overage, Report, Window
from kiro_tui.errors import NotRecognised
from kiro_tui.probe.reading.meters import Meter, remarks, total_overage
from kiro_tui.probe.reading.refusals import LOOK_AT_THE_SCREEN


@dataclass(slots=True)
class Draft:
    """What was read of one report; a new report starts with a new draft."""

    started: bool = False
    """A header was seen; figures before it belong to something else."""
    plan: str | None = None
    resets_at: datetime | None = None
    managed: bool = False
    organization: bool = False
    meters: list[Meter] = field(default_factory=list)
    bonuses: list[Window] = field(default_factory=list)
    packs: list[Window] = field(default_factory=list)
    list_without_entries: bool = False
    """A heading was seen and nothing below it yet."""
    unreadable: str | None = None
    """The first line with a figure that is there and cannot be read."""
    ended: bool = False
    """Below it stands what every report is followed by."""
    busy: bool = False
    """kiro-cli says that more is to come."""
    other_lines: list[str] = field(default_factory=list)
    """Lines since the header that are no part of a report."""

    @property
    def has_figures(self) -> bool:
        """Whether any window was read."""
        return bool(self.meters or self.bonuses or self.packs)

    @property
    def is_report(self) -> bool:
        """Whether this is a report at all: one of the plan's figures, or word that there are none to show."""
        return bool(self.meters or self.managed or self.unreadable)

    @property
    def is_whole(self) -> bool:
        """Whether nothing is left to come."""
        has_bars = all(meter.limit is None or meter.percent is not None for meter in self.meters)
        return self.is_report and self.ended and has_bars and not self.list_without_entries and not self.busy

    def complete_meter(self, percent: Decimal, resets_at: datetime | None) -> None:
        """Add to the last meter what its bar says."""
        self.meters[-1] = replace(self.meters[-1], percent=percent, resets_at=resets_at or self.meters[-1].resets_at)

    def set_overage(self, overage: Overage) -> None:
        """Say of the last meter what came on top of it."""
        self.meters[-1] = replace(self.meters[-1], overage=overage)

    def report(self) -> Report:
        """Return what was read; raise NotRecognised where a figure is unreadable."""
        if self.unreadable is not None:
            quoted = clean(self.unreadable, 80)
            raise NotRecognised(f"A figure in the usage report cannot be read: “{quoted}”.", LOOK_AT_THE_SCREEN)
        return Report(
            plan=self.plan,
            windows=(*(meter.window() for meter in self.meters), *self.bonuses, *self.packs),
            overage=total_overage(meter.overage for meter in self.meters),
            managed=self.managed,
            organization=self.organization,
            notes=remarks(self.meters, has_packs=bool(self.packs)),
        )
