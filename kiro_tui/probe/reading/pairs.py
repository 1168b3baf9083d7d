"""The row that says how much of the plan is used, in all dialects: `Credits (197.23 of 1000 covered in plan), 19.7%`.

Pure. Some dialects add to the same row what others print in rows of their own: the percent, the bar, the reset. What
else stands there is left over, and costs neither the pair nor what was read beside it.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from kiro_tui.domain.text import clean
from kiro_tui.probe.reading.dates import read_date
from kiro_tui.probe.reading.numbers import amount, as_limit, read_amount
from kiro_tui.probe.reading.shapes import BAR_GLYPHS

PAIR = re.compile(r"(?P<label>.*?) ?\((?P<used>\S{1,40}) of (?P<limit>\S{1,40}) covered in plan\)(?P<tail>.*)")
_GLYPHS = f"[{BAR_GLYPHS}]"
_ANY_GLYPH = re.compile(_GLYPHS)
_PERCENT = re.compile(rf"[,;:]? ?\(?(?:{_GLYPHS}[{BAR_GLYPHS} ]*)?(?P<percent>[^\s%{BAR_GLYPHS};()]{{1,40}})%\)?")
_RESET = re.compile(r"[,;]? ?\(?resets on (?P<date>[A-Za-z]{3,9}\.? [0-9]{1,2}, [0-9]{4}|[^\s(),]{1,40})\)?")
_BAR_ALONE = re.compile(rf"[,;]? ?{_GLYPHS}[{BAR_GLYPHS} ]*")
_BAR_BEFORE = re.compile(
    rf"(?P<before>[^{BAR_GLYPHS}]*){_GLYPHS}[{BAR_GLYPHS} ]*(?:(?P<percent>[^\s%{BAR_GLYPHS}]{{1,40}})%)?(?P<after>.*)"
)


@dataclass(frozen=True, slots=True)
class PairRow:
    """What a row of the shape PAIR says; None is what it does not say."""

    label: str
    used: Decimal | None
    """None where the used credits or their limit are no plain numbers."""
    limit: Decimal | None
    percent: Decimal | None = None
    resets_at: datetime | None = None
    is_inline: bool = False
    """The percent stands in the row without a bar."""
    has_remainder: bool = False
    """Something in the row was not understood."""
    ends_open: bool = False
    """The row ends in a date that may go on."""


def read_pair(found: re.Match[str], *, now: datetime) -> PairRow:
    """Return what a row of the shape PAIR says; raise nothing."""
    label, percent, unread = found["label"], None, False
    if bar := _BAR_BEFORE.fullmatch(label):
        percent, label = read_amount(bar["percent"] or ""), bar["before"] + bar["after"]
        unread = bar["percent"] is not None and percent is None
    used, limit = read_amount(found["used"]), read_amount(found["limit"])
    resets_at, ends_open, rest = None, False, found["tail"]
    while rest:
        if stated := _RESET.match(rest):
            resets_at = read_date(stated["date"], now=now)
            ends_open = stated.end() == len(rest) and not rest.endswith(")")
        elif stated := _PERCENT.match(rest):
            percent = read_amount(stated["percent"])
            unread |= percent is None
        elif not (stated := _BAR_ALONE.match(rest)):
            unread |= bool(rest.strip(" ,.;"))
            break
        rest = rest[stated.end() :]
    is_inline = percent is not None and not _ANY_GLYPH.search(found.string)
    rest_of_row = (percent, resets_at, is_inline, unread, ends_open)
    if used is None or limit is None:
        return PairRow(without_bars(label), None, None, *rest_of_row)
    return PairRow(without_bars(label), amount(found["used"]), as_limit(amount(found["limit"])), *rest_of_row)


def without_bars(label: str) -> str:
    """Return the label, cleaned; what bars are drawn with is no part of a name."""
    return clean(_ANY_GLYPH.sub(" ", label))
