"""Down the lines of a screen: what each line adds to the report that is being read.

A line is offered to the functions whose shape it has, until one takes it in. A line that none takes in is noted as
not understood, and costs nothing else.

A report begins with its title row. Without one it begins with a row that only a report has: the figures of the plan
(`… of … covered in plan`), or a bonus that says of itself that it is one. A bar alone is not enough, because kiro-cli
draws the same bar for its context window, nor is anything below the mark with which a model's answer begins
(docs/kiro-cli.md, sections 2.1 and 2.4).
"""

import re
from collections.abc import Callable
from datetime import datetime

from kiro_tui.probe.reading import extra_rows, grants, meter_rows, shapes, title_rows
from kiro_tui.probe.reading.draft import Draft
from kiro_tui.probe.reading.numbers import UnreadableError
from kiro_tui.probe.reading.pairs import PAIR
from kiro_tui.probe.reading.position import Position

Functions = tuple[tuple[re.Pattern[str], Callable[[Position, re.Match[str]], bool]], ...]

_ANYWHERE: Functions = (
    (shapes.HEADER, title_rows.header),
    (shapes.HEADER_IN_BOX, title_rows.header_in_box),
    (shapes.MANAGED, title_rows.managed),
    (shapes.PLAN_ALONE, title_rows.plan_alone),
    (shapes.BOX_TOP, title_rows.box_top),
    (shapes.BOX_BOTTOM, title_rows.box_bottom),
    (shapes.LABEL, title_rows.label_in_box),
    (shapes.SPEECH, title_rows.speech),
    (shapes.CONTEXT, title_rows.context),
)
_BEFORE_A_REPORT: Functions = (
    (PAIR, meter_rows.first_pair),
    (shapes.BAR, meter_rows.bar_before),
    (grants.BONUS, extra_rows.first_bonus),
    (shapes.LABEL, meter_rows.label_before),
)
_IN_A_REPORT: Functions = (
    (shapes.PANEL_FOOT, title_rows.panel_foot),
    (shapes.FOOT, title_rows.foot),
    (shapes.THROUGH_ORGANIZATION, title_rows.through_organization),
    (shapes.BUSY, title_rows.busy),
    (shapes.LINES_ALONE, title_rows.rule),
    (PAIR, meter_rows.pair),
    (shapes.POOLED, meter_rows.pooled),
    (shapes.BAR, meter_rows.bar),
    (shapes.BAR_WITHOUT_PERCENT, meter_rows.bar_without_percent),
    (shapes.OVERAGES, extra_rows.overages),
    (shapes.OVERAGE_CREDITS, extra_rows.overage_credits),
    (shapes.OVERAGE_COST, extra_rows.overage_cost),
    (shapes.BONUSES, extra_rows.bonuses),
    (grants.BONUS, extra_rows.bonus),
    (grants.BONUS_WITHOUT_END, extra_rows.bonus_without_end),
    (shapes.ADD_ONS, extra_rows.add_ons),
    (shapes.NO_ADD_ONS, extra_rows.no_add_ons),
    (grants.PACK_IN_USE, extra_rows.pack_in_use),
    (grants.OTHER_PACKS, extra_rows.other_packs),
    (shapes.LABEL, meter_rows.label),
)


class Reader:
    """Goes down the lines of a screen; a new header starts a new draft, so the last report counts."""

    def __init__(self, now: datetime) -> None:
        self._at = Position(now)

    @property
    def ends_open(self) -> bool:
        """Whether the last line may be cut off within a number, so that it says something else than it would."""
        return self._at.ends_open

    def take(self, line: str, *, framed: bool = False) -> None:
        """Take in the next line that is not blank; `framed` says that it stood between the sides of a box."""
        at = self._at
        at.ends_open = False
        at.line, at.is_framed = line, framed
        at.number += 1
        try:
            taken = self._dispatch(line)
        except UnreadableError:
            at.note_unreadable()
            taken = True
        if not taken and not (framed and title_rows.plan_in_frame(at)):
            self._pass_over(line)
        at.line_above = line

    def finish(self, unread: str | None = None) -> Draft:
        """Return what was read; `unread` is a last line that was not taken in."""
        if unread is not None and self._at.draft.started:
            self._at.note_unread(unread)
        return self._at.finish()

    def _dispatch(self, line: str) -> bool:
        if self._offer(line, _ANYWHERE):
            return True
        return self._offer(line, _IN_A_REPORT if self._at.draft.started else _BEFORE_A_REPORT)

    def _offer(self, line: str, functions: Functions) -> bool:
        found = ((take_in, shape.fullmatch(line)) for shape, take_in in functions)
        return any(match is not None and take_in(self._at, match) for take_in, match in found)

    def _pass_over(self, line: str) -> None:
        at = self._at
        at.draft.other_lines.append(line)
        if not at.draft.started:
            at.title = at.bar_above = at.bar_line = None
        elif not at.is_beside and not shapes.NO_ROW.fullmatch(line):
            at.note_unread(line)
