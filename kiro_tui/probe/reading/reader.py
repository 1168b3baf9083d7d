"""Down the lines of a screen: what each line adds to the report that is being read.

Each shape of a line has a method that takes it in. A method may also decline, because the same words mean nothing
elsewhere: a bar that is next to no figures is not a meter's, a grant outside its list is none.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import ClassVar

from kiro_tui.domain.text import clean
from kiro_tui.domain.usage import Overage, Window, WindowKind
from kiro_tui.probe.reading import shapes
from kiro_tui.probe.reading.dates import read_date
from kiro_tui.probe.reading.draft import Draft
from kiro_tui.probe.reading.grants import (
    BONUS,
    OTHER_PACKS,
    PACK_IN_USE,
    bonus,
    is_single_bonus,
    other_packs,
    pack_in_use,
)
from kiro_tui.probe.reading.meters import Meter
from kiro_tui.probe.reading.numbers import UnreadableError, amount, money

DEFAULT_LABEL = "Credits"

Bar = tuple[Decimal, datetime | None]
"""A percent, and the reset that may stand beside it."""

Methods = tuple[tuple[re.Pattern[str], Callable[["Reader", re.Match[str]], bool]], ...]


class Reader:
    """Goes down the lines of a screen; a new header starts a new draft, so the last report counts."""

    def __init__(self, now: datetime) -> None:
        self.draft = Draft()
        self._now = now
        self._in_box = False
        self._line_above = ""
        # A bar belongs to the figures directly above it (a title with figures, then the bar) or directly below it
        # (a title, the bar, the figures), and to none that are further away.
        self._title: str | None = None
        self._bar_above: Bar | None = None
        self._awaits_bar = False
        self._list: WindowKind | None = None
        self._overage_is_open = False
        self._ends_in_a_number = False

    @property
    def breaks_off(self) -> bool:
        """Whether the screen ends where a report cannot end: what its last line says may not be all that it says."""
        return self._ends_in_a_number or self._awaits_bar or self._in_box

    def take(self, line: str) -> None:
        """Take in the next line that is not blank."""
        self._ends_in_a_number = False
        try:
            taken = self._dispatch(line)
        except UnreadableError:
            self.draft.unreadable = self.draft.unreadable or line
            taken = True
        if not taken:
            self._forget_bar()
            self.draft.other_lines.append(line)
        self._line_above = line

    def _dispatch(self, line: str) -> bool:
        return self._offer(line, self._ANYWHERE) or (self.draft.started and self._offer(line, self._IN_A_REPORT))

    def _offer(self, line: str, methods: Methods) -> bool:
        found = ((method, shape.fullmatch(line)) for shape, method in methods)
        return any(match is not None and method(self, match) for method, match in found)

    def _forget_bar(self) -> None:
        self._title = self._bar_above = None
        self._awaits_bar = False

    def _begin(self) -> None:
        self.draft = Draft(started=True)
        self._section()

    def _section(self, kind: WindowKind | None = None) -> None:
        """Begin a part of the report: a list of bonuses or packs, or something else."""
        self._forget_bar()
        self._list = kind
        self._overage_is_open = False
        self.draft.list_without_entries = kind is not None
        self.draft.ended = False

    # Each of the following takes in one line, and says whether it does: the same words may mean nothing elsewhere.

    def _header(self, found: re.Match[str]) -> bool:
        above = self.draft
        self._begin()
        if above.managed and not above.has_figures:  # figures may follow the word that there are none
            self.draft.managed, self.draft.plan, self.draft.organization = True, above.plan, above.organization
        names = []
        for cell in (found["cells"] or "").split(" | "):
            if cell.startswith(shapes.RESETS_ON):
                self.draft.resets_at = read_date(cell.removeprefix(shapes.RESETS_ON), now=self._now)
            else:
                names.append(cell)
        self.draft.plan = clean(" | ".join(names)) or self.draft.plan
        return True

    def _header_in_box(self, found: re.Match[str]) -> bool:
        return self._in_box and self._header(found)

    def _managed(self, found: re.Match[str]) -> bool:
        above = shapes.PLAN_ALONE.fullmatch(self._line_above)
        plan = found["plan"] or (above["plan"] if above else None)
        if plan is not None or not self.draft.started:
            self._begin()
            self.draft.plan = clean(plan or "") or None
        self.draft.managed = True
        self.draft.organization |= found["by"].lower().startswith("organi")
        return True

    def _box_top(self, _: re.Match[str]) -> bool:
        self._in_box = True
        return True

    def _box_bottom(self, _: re.Match[str]) -> bool:
        self._in_box = False
        return False  # where a report has begun, this is its foot as well

    def _label_in_box(self, _: re.Match[str]) -> bool:
        if self._in_box and not self.draft.started:
            self._begin()  # a box needs no header
        return False

    def _foot(self, _: re.Match[str]) -> bool:
        lacks_entries = self.draft.list_without_entries
        self._section()
        self.draft.list_without_entries = lacks_entries
        self.draft.ended = True
        return True

    def _through_organization(self, found: re.Match[str]) -> bool:
        self.draft.organization = True
        return self._foot(found)

    def _busy(self, _: re.Match[str]) -> bool:
        self.draft.busy = True
        return True

    def _label(self, found: re.Match[str]) -> bool:
        self._section()
        self._title = found["label"]
        return True

    def _pair(self, found: re.Match[str]) -> bool:
        label = clean(found["label"] or self._title or "") or DEFAULT_LABEL
        bar = self._bar_above
        self._section()
        self.draft.meters.append(
            Meter(label, amount(found["used"]), amount(found["limit"]), resets_at=self.draft.resets_at)
        )
        if bar:
            self.draft.complete_meter(*bar)
        self._awaits_bar = bar is None
        return True

    def _pooled(self, found: re.Match[str]) -> bool:
        self._section()
        label = clean(found["label"]) or DEFAULT_LABEL
        self.draft.meters.append(Meter(label, amount(found["used"]), None, resets_at=self.draft.resets_at))
        return True

    def _bar(self, found: re.Match[str]) -> bool:
        if not self._awaits_bar and self._title is None:
            return False
        bar = amount(found["percent"]), read_date(found["date"] or "", now=self._now)
        if self._awaits_bar:
            self.draft.complete_meter(*bar)
            self._forget_bar()
        else:
            self._bar_above = bar
        return True

    def _bar_without_percent(self, _: re.Match[str]) -> bool:
        return self._awaits_bar or self._title is not None

    def _overages(self, found: re.Match[str]) -> bool:
        if not self.draft.meters:
            return False
        self._section()
        billed = shapes.BILLED.search(found["rest"])
        self.draft.set_overage(Overage(found["state"] == "Enabled", rate=money(billed["rate"]) if billed else None))
        self.draft.organization |= "your organization" in found["rest"]
        self._overage_is_open = True
        return True

    def _overage_credits(self, found: re.Match[str]) -> bool:
        overage = self._open_overage()
        if overage:
            self._ends_in_a_number = True
            self.draft.set_overage(replace(overage, credits=amount(found["credits"])))
        return overage is not None

    def _overage_cost(self, found: re.Match[str]) -> bool:
        overage = self._open_overage()
        if overage:
            self._ends_in_a_number = found["currency"] is None
            self.draft.set_overage(replace(overage, cost=money(found["cost"]), currency=found["currency"]))
        return overage is not None

    def _open_overage(self) -> Overage | None:
        return self.draft.meters[-1].overage if self._overage_is_open else None

    def _bonuses(self, _: re.Match[str]) -> bool:
        self._section(WindowKind.BONUS)
        return True

    def _bonus(self, found: re.Match[str]) -> bool:
        if is_single_bonus(found):
            self._section()
        elif self._list is not WindowKind.BONUS:
            return False
        return self._entry(self.draft.bonuses, bonus(found, now=self._now))

    def _add_ons(self, _: re.Match[str]) -> bool:
        self._section(WindowKind.ADD_ON)
        return True

    def _no_add_ons(self, _: re.Match[str]) -> bool:
        self._section()
        return True

    def _pack_in_use(self, found: re.Match[str]) -> bool:
        in_list = self._list is WindowKind.ADD_ON
        return in_list and self._entry(self.draft.packs, pack_in_use(found, now=self._now))

    def _other_packs(self, found: re.Match[str]) -> bool:
        in_list = self._list is WindowKind.ADD_ON
        return in_list and self._entry(self.draft.packs, other_packs(found))

    def _entry(self, windows: list[Window], window: Window) -> bool:
        windows.append(window)
        self.draft.list_without_entries = False
        self.draft.ended = False
        return True

    _ANYWHERE: ClassVar[Methods] = (
        (shapes.HEADER, _header),
        (shapes.HEADER_IN_BOX, _header_in_box),
        (shapes.MANAGED, _managed),
        (shapes.BOX_TOP, _box_top),
        (shapes.BOX_BOTTOM, _box_bottom),
        (shapes.LABEL, _label_in_box),
    )
    _IN_A_REPORT: ClassVar[Methods] = (
        (shapes.BOX_BOTTOM, _foot),
        (shapes.FOOT, _foot),
        (shapes.THROUGH_ORGANIZATION, _through_organization),
        (shapes.BUSY, _busy),
        (shapes.PAIR, _pair),
        (shapes.POOLED, _pooled),
        (shapes.BAR, _bar),
        (shapes.BAR_WITHOUT_PERCENT, _bar_without_percent),
        (shapes.OVERAGES, _overages),
        (shapes.OVERAGE_CREDITS, _overage_credits),
        (shapes.OVERAGE_COST, _overage_cost),
        (shapes.BONUSES, _bonuses),
        (BONUS, _bonus),
        (shapes.ADD_ONS, _add_ons),
        (shapes.NO_ADD_ONS, _no_add_ons),
        (PACK_IN_USE, _pack_in_use),
        (OTHER_PACKS, _other_packs),
        (shapes.LABEL, _label),
    )
