"""What begins and ends a report: the title row, the plan's name, the word of an administrator, boxes, feet.

Each function takes in one line of its shape and says whether it does: the same words may mean nothing elsewhere.
"""

import re

from kiro_tui.domain.text import clean
from kiro_tui.probe.reading import shapes
from kiro_tui.probe.reading.dates import read_date
from kiro_tui.probe.reading.position import Position


def plan_name(text: str) -> str | None:
    """Return the plan's name; None for the placeholder that stands for a missing one (docs/kiro-cli.md, section 4)."""
    name = clean(text)
    return None if name.lower() in {"", "unknown"} else name


def header(at: Position, found: re.Match[str]) -> bool:
    """Begin a report with its title row."""
    return _begin(at, found["cells"] or "", titled=True)


def header_in_box(at: Position, found: re.Match[str]) -> bool:
    """Begin a report with the title row of a box."""
    is_first = not at.draft.has_figures and at.bar_above is None
    return (at.in_box or at.is_framed) and is_first and _begin(at, found["cells"], titled=False)


def _begin(at: Position, cells: str, *, titled: bool) -> bool:
    above = at.draft
    at.begin(titled=titled)
    at.is_spoken = False
    at.ends_open = True
    if above.managed and not above.has_figures:  # figures may follow the word that there are none
        at.draft.managed, at.draft.plan, at.draft.organization = True, above.plan, above.organization
    names = []
    for cell in cells.split(" | "):
        if cell.startswith(shapes.RESETS_ON):
            at.draft.resets_at = read_date(cell.removeprefix(shapes.RESETS_ON), now=at.now)
        elif cell.lower().startswith("resets"):
            at.draft.unread.append(cell)
        else:
            names.append(cell)
    at.draft.plan = plan_name(" | ".join(names)) or at.draft.plan
    return True


def plan_alone(at: Position, found: re.Match[str]) -> bool:
    """Keep the name in `Plan: …`, which is no part of a report by itself."""
    at.plan_above = plan_name(found["plan"])
    return False


def plan_in_frame(at: Position) -> bool:
    """Keep the plan's name in a framed row above all figures; where more stands there, it is the title row."""
    name, *others = at.line.split(" | ")
    found = shapes.PLAN_IN_FRAME.fullmatch(name)
    if found is None or at.draft.has_figures or at.bar_above is not None:
        return False
    if others and not at.draft.started:
        return not at.is_spoken and _begin(at, at.line, titled=False)
    at.plan_above = plan_name(found["plan"])
    at.draft.plan = at.draft.plan or at.plan_above
    return True


def managed(at: Position, found: re.Match[str]) -> bool:
    """Take down that an administrator manages the plan; figures above and below this row stand."""
    above = shapes.PLAN_ALONE.fullmatch(at.line_above)
    plan = found["plan"] or (above["plan"] if above else None)
    below_figures = at.draft.has_figures and not at.draft.ended
    if not at.draft.started or (plan is not None and not below_figures):
        at.begin()
    at.draft.plan = at.draft.plan or plan_name(plan or "")
    at.draft.managed = True
    at.draft.organization |= found["by"].lower().startswith("organi")
    is_last_row = at.draft.titled and found["whose"] is not None  # of the inline report (docs/kiro-cli.md, section 2.7)
    at.draft.ended |= below_figures or is_last_row
    return True


def box_top(at: Position, _: re.Match[str]) -> bool:
    """Enter a box."""
    at.in_box = True
    return True


def box_bottom(at: Position, _: re.Match[str]) -> bool:
    """Leave a box, which ends the report in it."""
    at.draft.ended |= at.in_box or (at.draft.has_figures and not at.draft.titled)
    at.in_box = False
    return True


def label_in_box(at: Position, _: re.Match[str]) -> bool:
    """Begin a report with the first label in a box; the label itself is taken in as in any report."""
    if (at.in_box or at.is_framed) and not at.draft.started:
        at.begin_untitled()
    return False


def speech(at: Position, _: re.Match[str]) -> bool:
    """Take down that a model's answer begins here."""
    at.is_spoken = True
    return False


def foot(at: Position, _: re.Match[str]) -> bool:
    """End the report with what every report is followed by."""
    heading = at.draft.heading
    at.section()
    at.awaits_bar = False
    at.draft.heading = heading
    at.draft.ended = at.is_beside = True
    return True


def panel_foot(at: Position, found: re.Match[str]) -> bool:
    """End the report with the last row of the panel, below which nothing comes."""
    at.draft.cut_by_pane = True
    return foot(at, found)


def through_organization(at: Position, found: re.Match[str]) -> bool:
    """Take down whose account it is; this ends the report."""
    at.draft.organization = True
    return foot(at, found)


def rule(at: Position, _: re.Match[str]) -> bool:
    """Expect the interface below a line across the screen; rows of a report are read there as well."""
    at.is_beside |= not at.in_box
    return True


def context(at: Position, _: re.Match[str]) -> bool:
    """Expect bars that are not the credits'."""
    at.is_beside = at.in_context = True
    return False


def busy(at: Position, _: re.Match[str]) -> bool:
    """Take down that more is to come."""
    at.draft.busy = True
    return True
