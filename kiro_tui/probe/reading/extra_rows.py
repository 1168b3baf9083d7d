"""What a report says beside the plan's meters: overage, bonuses, add-on packs.

Each function takes in one line of its shape and says whether it does: the same words may mean nothing elsewhere.
"""

import re
from dataclasses import replace

from kiro_tui.domain.usage import Overage, Window, WindowKind
from kiro_tui.probe.reading import grants, shapes
from kiro_tui.probe.reading.numbers import UnreadableError, amount, money
from kiro_tui.probe.reading.position import Position


def overages(at: Position, found: re.Match[str]) -> bool:
    """Begin what came on top of the last meter, or of the first one below."""
    at.section()
    billed = shapes.BILLED.search(found["rest"])
    rate = None
    try:
        rate = money(billed["rate"]) or None if billed else None  # a rate of 0 stands for none
    except UnreadableError:
        at.note_unread(at.line)
    _state(at, Overage(found["state"] == "Enabled", rate=rate))
    at.draft.organization |= "your organization" in found["rest"]
    at.overage_is_open = True
    return True


def overage_credits(at: Position, found: re.Match[str]) -> bool:
    """Add the credits to the overage above."""
    overage = _open_overage(at)
    if overage is None:
        return False
    at.ends_open = True
    _state(at, replace(overage, credits=amount(found["credits"])))
    return True


def overage_cost(at: Position, found: re.Match[str]) -> bool:
    """Add the cost to the overage above."""
    overage = _open_overage(at)
    if overage is None:
        return False
    at.ends_open = found["currency"] is None
    _state(at, replace(overage, cost=money(found["cost"]), currency=found["currency"]))
    return True


def _open_overage(at: Position) -> Overage | None:
    if not at.overage_is_open:
        return None
    return at.draft.meters[-1].overage if at.draft.meters else at.overage_above


def _state(at: Position, overage: Overage) -> None:
    if at.draft.meters:
        at.draft.set_overage(overage)
    else:
        at.overage_above = overage


def bonuses(at: Position, _: re.Match[str]) -> bool:
    """Begin the list of bonuses."""
    at.section(WindowKind.BONUS)
    return True


def first_bonus(at: Position, found: re.Match[str]) -> bool:
    """Begin a report with a bonus that says of itself that it is one."""
    return grants.is_single_bonus(found) and at.begin_untitled() and bonus(at, found)


def bonus(at: Position, found: re.Match[str]) -> bool:
    """Add a bonus that stands in the list, or says of itself that it is one."""
    if grants.is_single_bonus(found):
        window = grants.bonus(found, now=at.now)
        if at.list_kind is not WindowKind.BONUS:
            at.section()
        return _entry(at, at.draft.bonuses, window)
    return at.list_kind is WindowKind.BONUS and _entry(at, at.draft.bonuses, grants.bonus(found, now=at.now))


def bonus_without_end(at: Position, found: re.Match[str]) -> bool:
    """Add a bonus of which only name and figures are printed; they mean a bonus in the list alone.

    Below a rule they may be anything of the interface's, so they are noted there and not read.
    """
    if at.list_kind is not WindowKind.BONUS:
        return False
    if at.is_beside:
        at.note_unread(at.line)
        return True
    at.ends_open = True
    return _entry(at, at.draft.bonuses, grants.bonus_without_end(found))


def add_ons(at: Position, _: re.Match[str]) -> bool:
    """Begin the list of packs."""
    at.section(WindowKind.ADD_ON)
    return True


def no_add_ons(at: Position, _: re.Match[str]) -> bool:
    """Pass over the offer of packs, which is none."""
    at.section()
    return True


def pack_in_use(at: Position, found: re.Match[str]) -> bool:
    """Add the pack that is being used."""
    in_list = at.list_kind is WindowKind.ADD_ON
    return in_list and _entry(at, at.draft.packs, grants.pack_in_use(found, now=at.now))


def other_packs(at: Position, found: re.Match[str]) -> bool:
    """Add the sum of the other packs."""
    in_list = at.list_kind is WindowKind.ADD_ON
    return in_list and _entry(at, at.draft.packs, grants.other_packs(found))


def _entry(at: Position, windows: list[Window], window: Window) -> bool:
    windows.append(window)
    at.draft.heading = None
    at.draft.ended = at.is_beside = False
    return True
