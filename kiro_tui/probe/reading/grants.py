"""What stands beside the plan in a usage report: bonuses and add-on packs, one line each, in all dialects.

Pure. A line that has the words of a grant and no plain numbers raises UnreadableError: it is one, and it is damaged.
"""

import re
from datetime import datetime

from kiro_tui.domain.text import clean
from kiro_tui.domain.usage import Window, WindowKind
from kiro_tui.probe.reading.dates import read_date, read_days
from kiro_tui.probe.reading.numbers import amount, as_limit, unrounded_amount

BONUS_LABEL = "Bonus credits"
ADD_ON_LABEL = "Add-on credits"

# 🎁 Bonus credits: 45.53/2000 credits used, expires in 19 days
#    Welcome bonus - 386.34/500 used (15 days left)
#    Welcome bonus: 386.34/500 (expires in 15 days)
_EXPIRY = r"(?:,? \(?(?:expires (?P<expires>[^()]{1,40})|(?P<left>[^()]{1,40}) left)\)?)"
BONUS = re.compile(
    r"(?:(?P<label>.+?)(?: ?[-–:])? )?(?P<used>[^\s/]{1,40})/(?P<limit>[^\s/]{1,40})"
    rf"(?:(?: credits)? used{_EXPIRY}?|{_EXPIRY.replace('expires>', 'expires_only>').replace('left>', 'left_only>')})"
)
# Launch bonus: 8/25
BONUS_WITHOUT_END = re.compile(
    r"(?P<label>[^/]{1,200}?)(?: ?[-–:]) (?P<used>[0-9][0-9.,e-]{0,39})/(?P<limit>[0-9][0-9.,e-]{0,39})"
)
_OWN_LABEL = re.compile(r"(?:🎁 ?)?Bonus credits", re.IGNORECASE)

# 42.50 of 100 used, expires Jun 18, 2027
# 0.00 of 200 credits across 1 pack
PACK_IN_USE = re.compile(r"(?P<used>\S{1,40}) of (?P<limit>\S{1,40}) used(?:, expires (?P<expires>.{1,40}))?")
OTHER_PACKS = re.compile(
    r"(?P<used>\S{1,40}) of (?P<limit>\S{1,40}) credits across (?P<packs>\S{1,12}) pack(?:s|\(s\))?"
)


def is_single_bonus(found: re.Match[str]) -> bool:
    """Whether a line of the shape BONUS says itself that it is a bonus, so that it needs no heading."""
    return _OWN_LABEL.fullmatch(found["label"] or "") is not None


def bonus(found: re.Match[str], *, now: datetime) -> Window:
    """Return the bonus in a line of the shape BONUS."""
    named = found["label"] and not is_single_bonus(found)
    expires = found["expires"] or found["expires_only"] or ""
    days = found["left"] or found["left_only"] or expires.removeprefix("in ")
    return Window(
        WindowKind.BONUS,
        clean(found["label"]) if named else BONUS_LABEL,
        used=unrounded_amount(found["used"]),
        limit=as_limit(unrounded_amount(found["limit"])),
        ends_at=read_date(expires, now=now),
        ends_in_days=read_days(days),
    )


def bonus_without_end(found: re.Match[str]) -> Window:
    """Return the bonus in a line of the shape BONUS_WITHOUT_END."""
    return Window(
        WindowKind.BONUS,
        clean(found["label"]) or BONUS_LABEL,
        used=unrounded_amount(found["used"]),
        limit=as_limit(unrounded_amount(found["limit"])),
    )


def pack_in_use(found: re.Match[str], *, now: datetime) -> Window:
    """Return the add-on pack in a line of the shape PACK_IN_USE."""
    return Window(
        WindowKind.ADD_ON,
        ADD_ON_LABEL,
        used=amount(found["used"]),
        limit=as_limit(amount(found["limit"])),
        ends_at=read_date(found["expires"] or "", now=now),
    )


def other_packs(found: re.Match[str]) -> Window:
    """Return the sum of add-on packs in a line of the shape OTHER_PACKS."""
    packs = amount(found["packs"])
    return Window(
        WindowKind.ADD_ON,
        f"{ADD_ON_LABEL} ({packs} {'pack' if packs == 1 else 'packs'})",
        used=amount(found["used"]),
        limit=as_limit(amount(found["limit"])),
    )
