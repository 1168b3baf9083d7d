"""The classic report of engine v1, as it is written to stderr: lines of text with colours.

Pure. Before 2.19.2 it clamps: used to the limit, and the percent, which is truncated, to 0-100. From 2.19.2 on it does
not clamp, and the percent has one decimal, rounded. The bar says nothing at all, because its filled and its empty cells
are the same character in two colours.
"""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from kiro_tui.simulator.account import RATE, AccountState, Bonus, Overages, Pack, Resource
from kiro_tui.simulator.scenario import Look

BOLD, VIOLET, GREY, GREEN, BLUE, RESET = (
    "\033[1m",
    "\033[38;5;141m",
    "\033[38;5;8m",
    "\033[38;5;10m",
    "\033[38;5;12m",
    "\033[0m",
)
BAR_CELLS = 80
BOX_INNER, BOX_BAR = 76, 56
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
TIP = f"Tip: to see context window usage, run {GREEN}/context{RESET}"
ACCOUNT_PAGE = "app.kiro.dev/account/usage"
ASK_ADMINISTRATOR = (
    "Since your account is through your organization, for account management please contact your account administrator."
)


def report(state: AccountState, look: Look, columns: int) -> str:
    """Return what `/usage` prints, ending with a newline."""
    if state.managed:
        return f"{VIOLET}Plan: {state.plan or 'Unknown'}{RESET}\nYour plan is managed by admin\n\n{TIP}\n"
    lines = _box(state, look) if look.layout == "box" else _classic(state, look, columns)
    return "".join(line + "\n" for line in lines)


def _classic(state: AccountState, look: Look, columns: int) -> list[str]:
    lines = ["", _heading(state, look), "", *_bonuses(state.bonuses, look)]
    for resource in state.resources:
        lines += _resource(resource, state, look, columns)
    if not look.overages:
        lines += _packs(state)
    return [*lines, "", _footer(state, look), "", TIP]


def _heading(state: AccountState, look: Look) -> str:
    plan = f" | {VIOLET}{state.plan}{RESET}" if state.plan else ""
    return f"{BOLD}Estimated Usage{RESET} | resets on {reset_date(state.reset, look)}{plan}"


def reset_date(day: date | None, look: Look) -> str:
    """Return the day of the reset as a report writes it."""
    if day is None:
        return "Unknown"
    if look.word_dates:
        return f"{MONTHS[day.month - 1][:3]} {day.day}, {day.year}"
    if look.layout == "help":
        return f"{MONTHS[day.month - 1]} {day.day}, {day.year}"
    return day.isoformat() if look.iso_dates else f"{day.month:02}/{day.day:02}"


def _bonuses(bonuses: tuple[Bonus, ...], look: Look) -> list[str]:
    if not bonuses:
        return []
    if len(bonuses) == 1:
        (only,) = bonuses
        return [
            f"🎁 Bonus credits: {only.used:.2f}/{only.total:f} credits used{_ends(only, ', expires in {} days')}",
            "",
        ]
    if look.colon_bonuses:
        ends = " (expires in {} days)"
        lines = [f"  {one.name}: {one.used:.2f}/{one.total:f}{_ends(one, ends)}" for one in bonuses]
    else:
        ends = " ({} days left)"
        lines = [f"   {one.name} - {one.used:.2f}/{one.total:f} used{_ends(one, ends)}" for one in bonuses]
    return ["🎁 Bonus Credits:", *lines, ""]


def _ends(bonus: Bonus, words: str) -> str:
    return "" if bonus.days is None else words.format(bonus.days)


def _resource(resource: Resource, state: AccountState, look: Look, columns: int) -> list[str]:
    title = f"{BOLD}{resource.title}{RESET}"
    used = max(resource.used, Decimal(0))
    if resource.limit is None:
        return [f"{title} ({used:.2f} used)"]
    shown = min(used, resource.limit) if look.clamps else used
    percent = state.percent if state.percent is not None else _percent(shown, resource.limit)
    printed = f"{percent}" if look.clamps else one_decimal(state.percent, shown, resource.limit)
    lines = [
        f"{title} ({shown:.2f} of {resource.limit:f} covered in plan)",
        f"{_bar(percent, min(columns, BAR_CELLS), '░' if look.layout == 'help' else '█')} {printed}%",
        "",
    ]
    return lines + (_overages(resource, state) if look.overages else [])


def one_decimal(stated: int | None, used: Decimal, limit: Decimal) -> str:
    """Return the percent with one decimal, rounded to nearest; a stated one is printed instead."""
    share = Decimal(stated) if stated is not None else used * 100 / limit if limit else Decimal(0)
    return str(share.quantize(Decimal("0.1"), ROUND_HALF_UP))


def _percent(used: Decimal, limit: Decimal) -> int:
    return int(used * 100 / limit) if limit else 0


def _bar(percent: int, cells: int, empty: str) -> str:
    filled = max(0, min(cells, percent * cells // 100))
    return f"{VIOLET}{'█' * filled}{RESET}{GREY}{empty * (cells - filled)}{RESET}"


def _overages(resource: Resource, state: AccountState) -> list[str]:
    if state.overages is Overages.NONE:
        return []
    by_whom = " (managed by your organization)" if state.organization else ""
    if state.overages is not Overages.ON:
        return [f"Overages: {BOLD}Disabled{RESET}{by_whom}", ""]
    return [
        f"Overages: {BOLD}Enabled{RESET}  billed at ${RATE} per request{by_whom}",
        f"Credits used: {resource.beyond:.2f}",
        f"Est. cost: ${resource.beyond * RATE:.2f} USD",
        "",
    ]


def _packs(state: AccountState) -> list[str]:
    if not state.packs:
        return ["", "Add-on credits available for purchase"] if state.may_buy_packs else []
    first, *others = state.packs
    lines = ["", f"{BOLD}Additional credits{RESET}", pack_in_use(first)]
    if others:
        used, total = sum(one.used for one in others), sum(one.total for one in others)
        lines.append(f"{used:.2f} of {total:f} credits across {len(others)} pack{'s' if len(others) > 1 else ''}")
    return lines


def pack_in_use(pack: Pack) -> str:
    """Return the row of the pack that is in use."""
    expires = f"{MONTHS[pack.expires.month - 1][:3]} {pack.expires.day:02}, {pack.expires.year}"
    return f"{pack.used:.2f} of {pack.total:f} used, expires {expires}"


def _footer(state: AccountState, look: Look) -> str:
    if state.organization:
        return ASK_ADMINISTRATOR
    if look.overages:
        return f"To manage your plan or configure overages navigate to {BLUE}https://{ACCOUNT_PAGE}{RESET}"
    what = " or purchase add-on credits" if state.may_buy_packs else ""
    return f"To manage your plan{what} navigate to {ACCOUNT_PAGE}"


def _box(state: AccountState, look: Look) -> list[str]:
    """Draw the report in its frame, with the ragged right edge that it always had."""
    rule = "━" * BOX_INNER
    lines = [f"┏{rule}┓", f"┃{' ' * 58}| {state.plan or '':<16}┃", f"┣{rule}┫"]
    for resource in state.resources:
        limit = resource.limit or Decimal(0)
        percent = state.percent if state.percent is not None else _percent(min(resource.used, limit), limit)
        bar = f"{VIOLET}{'█' * BOX_BAR}{RESET} {percent}% (resets on {reset_date(state.reset, look)})"
        pair = f"({resource.used:.2f} of {limit:f} covered in plan)"
        lines += [_boxed("Monthly credits:"), f"┃ {bar} ┃", f"┃{' ' * 30}{pair}{' ' * 17}┃"]
    if state.bonuses:
        lines.append(_boxed("Bonus credits:"))
        lines += [
            _boxed(f"{one.used:.2f}/{one.total:f} credits used{_ends(one, ', expires in {} days')}")
            for one in state.bonuses
        ]
    return [*lines, f"┗{rule}┛"]


def _boxed(text: str) -> str:
    return f"┃ {text:<74}┃"
