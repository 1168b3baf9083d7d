"""The full-screen interface of an interactive chat: what stands in each row, and the usage panel.

Pure: a view goes in, bytes for a terminal come out. Its figures are not clamped, and its percent has one decimal.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from kiro_tui.simulator.account import RATE, AccountState, Overages, Pack, Resource
from kiro_tui.simulator.classic import ACCOUNT_PAGE, ASK_ADMINISTRATOR, MONTHS
from kiro_tui.simulator.conversation import COMMANDS, Conversation

ENTER = "\033[?1049h\033[?2004h\033[>1u\033[>4;1m\033]11;?\007\033[?u\033[c\033[2J\033[H"
LEAVE = "\033[?2004l\033[<u\033[>4;0m\033[?1049l\033[?25h"
BEGIN_FRAME, END_FRAME = "\033[?2026h\033[?25l", "\033[?25h\033[?2026l"
RED, DIM, REVERSE, RESET = "\033[31m", "\033[38;5;8m", "\033[7m", "\033[0m"
PLACEHOLDER = "Ask a question or describe a task ↵"
STATUS = "kiro_default · auto · ◔ 3%"
BUSY = "Kiro is working"
LOADING = "Loading usage data..."
BAR_CELLS = 70
FOOTER_ROWS = 3


@dataclass(frozen=True, slots=True)
class View:
    """What is to be seen."""

    conversation: Conversation
    transcript: Sequence[str] = ()
    busy: bool = False
    starting: bool = False
    """No prompt yet."""


def frame(view: View, columns: int, rows: int) -> str:
    """Return what draws the whole screen anew."""
    above = _above(view, max(rows - FOOTER_ROWS, 0))
    below = [] if view.starting else _footer(view, columns)
    blank = [""] * (rows - len(above) - len(below))
    lines = ([*above, *blank, *below])[:rows]
    drawn = "".join(f"\033[{row};1H\033[2K{line}" for row, line in enumerate(lines, start=1))
    column = len(view.conversation.typed) + 2
    return f"{BEGIN_FRAME}{drawn}\033[{rows};{column}H{END_FRAME}"


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


def usage(state: AccountState, columns: int, *, overages: bool) -> list[str]:
    """Return the lines of the usage panel; builds with add-on packs have no Overages block."""
    if state.managed:
        return [f"Plan: {state.plan or 'Unknown'}", "Your plan is managed by admin"]
    plan = f" | {state.plan}" if state.plan else ""
    lines = [f"Estimated Usage | resets on {state.reset or 'Unknown'}{plan}", ""]
    for resource in state.resources:
        lines += _resource(resource, state, columns)
        if overages and resource.limit is not None:
            lines += _overages(resource, state)
    if state.bonuses:
        each = [f"  {one.name}: {one.used:f}/{one.total:f} (expires in {one.days} days)" for one in state.bonuses]
        lines += ["Bonus Credits:", *each, ""]
    if not overages:
        lines += _packs(state)
    what = " or purchase add-on credits" if state.may_buy_packs else ""
    return [
        *lines,
        ASK_ADMINISTRATOR if state.organization else f"To manage your plan{what} navigate to {ACCOUNT_PAGE}",
    ]


def _resource(resource: Resource, state: AccountState, columns: int) -> list[str]:
    if resource.limit is None:
        return [f"{resource.title} ({resource.used:.2f} used)", ""]
    share = resource.used * 100 / resource.limit if resource.limit else resource.limit
    percent = share if state.percent is None else state.percent
    cells = min(BAR_CELLS, max(columns - 10, 1))
    filled = min(cells, int(cells * percent / 100))
    bar = f"{RED}{'█' * filled}{DIM}{'█' * (cells - filled)}{RESET}"
    return [
        f"{resource.title} ({resource.used:.2f} of {resource.limit:f} covered in plan)",
        f"{bar} {percent:.1f}%",
        "",
    ]


def _overages(resource: Resource, state: AccountState) -> list[str]:
    if state.overages is Overages.NONE:
        return []
    if state.overages is Overages.OFF:
        return ["Overages: Disabled", ""]
    return [
        f"Overages: Enabled billed at ${RATE} per request",
        f"Credits used: {resource.beyond:.2f}",
        f"Est. cost: ${resource.beyond * RATE:.2f} USD",
        "",
    ]


def _packs(state: AccountState) -> list[str]:
    if not state.packs:
        return ["Additional credits", "Add-on credits available for purchase", ""] if state.may_buy_packs else []
    first, *others = state.packs
    lines = ["Additional credits", f"{first.used:.2f} of {first.total:f} used, expires {_day(first)}"]
    if others:
        used, total = sum(one.used for one in others), sum(one.total for one in others)
        lines.append(f"{used:.2f} of {total:f} credits across {len(others)} pack(s)")
    return [*lines, ""]


def _day(pack: Pack) -> str:
    return f"{MONTHS[pack.expires.month - 1][:3]} {pack.expires.day:02}, {pack.expires.year}"
