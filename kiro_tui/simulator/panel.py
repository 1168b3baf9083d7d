"""The full-screen interface of an interactive chat: what stands in each row, and the usage panel.

Pure: a view goes in, bytes for a terminal come out. Its figures are not clamped, and its percent has one decimal.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from kiro_tui.simulator.account import RATE, AccountState, Bonus, Overages, Pack, Resource
from kiro_tui.simulator.classic import ACCOUNT_PAGE, ASK_ADMINISTRATOR, MONTHS, reset_date
from kiro_tui.simulator.conversation import COMMANDS, Conversation
from kiro_tui.simulator.scenario import Look

ENTER = "\033[?1049h\033[?2004h\033[>1u\033[>4;1m\033]11;?\007\033[?u\033[c\033[2J\033[H"
LEAVE = "\033[?2004l\033[<u\033[>4;0m\033[?1049l\033[?25h"
BEGIN_FRAME, END_FRAME = "\033[?2026h\033[?25l", "\033[?25h\033[?2026l"
RED, DIM, REVERSE, RESET = "\033[31m", "\033[38;5;8m", "\033[7m", "\033[0m"
PLACEHOLDER = "Ask a question or describe a task ↵"
STATUS = "kiro_default · auto · ◔ 3%"
BUSY = "Kiro is working"
LOADING = "Loading usage data..."
TITLE, FOOT = "/usage", (" esc to close", "Tab to switch to /context")
BAR_CELLS = 70
FRAMED_BAR_LESS = 30
"""The bar of the framed panel is as wide as the terminal, less this."""
FOOTER_ROWS = 3


@dataclass(frozen=True, slots=True)
class View:
    """What is to be seen."""

    conversation: Conversation
    transcript: Sequence[str] = ()
    busy: bool = False
    starting: bool = False
    """No prompt yet."""
    in_front: bool = False
    """Whether the transcript is a framed panel, which leaves no room for a prompt."""


def frame(view: View, columns: int, rows: int) -> str:
    """Return what draws the whole screen anew."""
    if view.in_front:
        return _in_front(view, rows)
    above = _above(view, max(rows - FOOTER_ROWS, 0))
    below = [] if view.starting else _footer(view, columns)
    blank = [""] * (rows - len(above) - len(below))
    lines = ([*above, *blank, *below])[:rows]
    drawn = "".join(f"\033[{row};1H\033[2K{line}" for row, line in enumerate(lines, start=1))
    column = len(view.conversation.typed) + 2
    return f"{BEGIN_FRAME}{drawn}\033[{rows};{column}H{END_FRAME}"


def _in_front(view: View, rows: int) -> str:
    """Draw a framed panel at the bottom; where the terminal is too low, what stands above its foot is cut off."""
    *lines, rule, foot = view.transcript
    room = max(rows - 2, 0)
    lines = [*[""] * (room - len(lines)), *lines[:room], rule, view.conversation.hint or foot]
    drawn = "".join(f"\033[{row};1H\033[2K{line}" for row, line in enumerate(lines, start=1))
    return f"{BEGIN_FRAME}{drawn}\033[{rows};1H{END_FRAME}"


def _above(view: View, rows: int) -> list[str]:
    if question := view.conversation.question:
        options = [
            f"{REVERSE}> {option.text}{RESET}" if at == view.conversation.selected else f"  {option.text}"
            for at, option in enumerate(question.options)
        ]
        return [question.title, "", *options, "", f"{DIM}↑/↓ to move · enter to select{RESET}"]
    menu = [
        f"{REVERSE} {name:<10} {COMMANDS[name]}{RESET}" if at == 0 else f" {name:<10} {COMMANDS[name]}"
        for at, name in enumerate(view.conversation.completions)
    ]
    room = max(rows - len(menu), 0)
    shown = list(view.transcript)[-room:] if room else []
    return [*shown, *[""] * (room - len(shown)), *menu]


def _footer(view: View, columns: int) -> list[str]:
    if view.conversation.question:
        return []
    typed = view.conversation.typed
    prompt = BUSY if view.busy else typed or f"{DIM}{PLACEHOLDER}{RESET}"
    return ["─" * columns, view.conversation.hint or STATUS, f" {prompt}"]


def usage(state: AccountState, columns: int, look: Look, *, overages: bool) -> list[str]:
    """Return the lines of the usage panel; builds with add-on packs have no Overages block."""
    if state.managed:
        return [f"Plan: {state.plan or 'Unknown'}", "Your plan is managed by admin"]
    plan = f" | {state.plan}" if state.plan else ""
    lines = [f"Estimated Usage | resets on {_reset(state, look)}{plan}", ""]
    for resource in state.resources:
        lines += _resource(resource, state, columns, look)
        if overages and resource.limit is not None:
            lines += overage_rows(resource, state)
    packs = [] if overages else _packs(state)
    # The older panel has the grants first, and no packs at all.
    lines += [*packs, *bonus_rows(state)] if look.panel == "framed" else [*bonus_rows(state), *packs]
    what = " or purchase add-on credits" if state.may_buy_packs else ""
    return [
        *lines,
        ASK_ADMINISTRATOR if state.organization else f"To manage your plan{what} navigate to {ACCOUNT_PAGE}",
    ]


def framed(lines: Sequence[str], columns: int) -> list[str]:
    """Return the panel of newer builds: a title row between rules above the lines, a rule and the foot row below."""
    rule, gap = "─" * columns, " " * (columns - sum(map(len, FOOT)))
    return [rule, TITLE, rule, *lines, rule, gap.join(FOOT)]


def _reset(state: AccountState, look: Look) -> str:
    if state.reset is None or look.word_dates:
        return reset_date(state.reset, look)
    return state.reset.isoformat()


def _resource(resource: Resource, state: AccountState, columns: int, look: Look) -> list[str]:
    used = max(resource.used, Decimal(0))
    if resource.limit is None:
        return [f"{resource.title} ({used:.2f} used)", ""]
    share = used * 100 / resource.limit if resource.limit else resource.limit
    percent = share if state.percent is None else state.percent
    is_framed = look.panel == "framed"
    cells = max(columns - FRAMED_BAR_LESS, 1) if is_framed else min(BAR_CELLS, max(columns - 10, 1))
    filled = min(cells, int(cells * percent / 100))
    full, empty = look.panel_bar[0], look.panel_bar[1]
    return [
        f"{resource.title} ({used:.2f} of {resource.limit:f} covered in plan)",
        *[""] * is_framed,
        f"{RED}{full * filled}{DIM}{empty * (cells - filled)}{RESET} {percent:.1f}%",
        "",
    ]


def overage_rows(resource: Resource, state: AccountState) -> list[str]:
    """Return the Overages block of one resource."""
    if state.overages is Overages.NONE:
        return []
    if state.overages is not Overages.ON:
        return ["Overages: Disabled", ""]
    return [
        f"Overages: Enabled billed at ${RATE} per request",
        f"Credits used: {resource.beyond:.2f}",
        f"Est. cost: ${resource.beyond * RATE:.2f} USD",
        "",
    ]


def bonus_rows(state: AccountState) -> list[str]:
    """Return the rows of the grants, whose figures are not rounded."""
    if not state.bonuses:
        return []
    return ["Bonus Credits:", *(_bonus(one) for one in state.bonuses), ""]


def _bonus(bonus: Bonus) -> str:
    ends = "" if bonus.days is None else f" (expires in {bonus.days} days)"
    return f"  {bonus.name}: {bonus.used:f}/{bonus.total:f}{ends}"


def pack_rows(packs: Sequence[Pack]) -> list[str]:
    """Return the row of the pack in use, and one for the sum of all others."""
    if not packs:
        return []
    first, *others = packs
    lines = [f"{first.used:.2f} of {first.total:f} used, expires {_day(first)}"]
    if others:
        used, total = sum(one.used for one in others), sum(one.total for one in others)
        lines.append(f"{used:.2f} of {total:f} credits across {len(others)} pack(s)")
    return lines


def _packs(state: AccountState) -> list[str]:
    if not state.packs and not state.may_buy_packs:
        return []
    return ["Additional credits", *(pack_rows(state.packs) or ["Add-on credits available for purchase"]), ""]


def _day(pack: Pack) -> str:
    return f"{MONTHS[pack.expires.month - 1][:3]} {pack.expires.day:02}, {pack.expires.year}"
