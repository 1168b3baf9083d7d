"""The inline report of a headless engine v2, from 2.21.4 on: rows on standard output without a bar and without colours.

Pure. The percent follows the pair on the same row, with one decimal, rounded to nearest. What it prints for grants,
packs and overage is not known; it prints the rows of the panel for them, or none where KIRO_SIM_INLINE says `brief`.
"""

from decimal import Decimal

from kiro_tui.simulator.account import AccountState, Overages, Resource
from kiro_tui.simulator.classic import ACCOUNT_PAGE, one_decimal, reset_date
from kiro_tui.simulator.panel import bonus_rows, overage_rows, pack_rows
from kiro_tui.simulator.scenario import Look

BY_ORGANIZATION = "Your plan is managed by your organization's administrator."
FREE_PLAN = "KIRO FREE"


def report(state: AccountState, look: Look, *, api_key: bool, overages: bool) -> str:
    """Return the report, ending with a newline; `overages` says whether this build still has an Overages block."""
    plan = f" | {state.plan}" if state.plan else ""
    lines = [f"Estimated Usage | resets on {reset_date(state.reset, look)}{plan}"]
    brief = "brief" in look.inline
    for resource in state.resources:
        lines.append(_resource(resource, state, look))
        if overages and state.overages is Overages.ON and resource.limit is not None and not brief:
            lines += [row for row in overage_rows(resource, state) if row]
    if not brief:
        lines += [row for row in bonus_rows(state) if row]
    return "".join(f"{line}\n" for line in [*lines, *_account_rows(state, api_key=api_key, brief=brief)])


def _resource(resource: Resource, state: AccountState, look: Look) -> str:
    used = max(resource.used, Decimal(0))
    if resource.limit is None:
        return f"{resource.title} ({used:.2f} used)"
    shown = min(used, resource.limit) if "clamps" in look.inline else used
    percent = one_decimal(state.percent, shown, resource.limit)
    return f"{resource.title} ({shown:.2f} of {resource.limit:f} covered in plan), {percent}%"


def _account_rows(state: AccountState, *, api_key: bool, brief: bool) -> list[str]:
    """Return the last rows, which depend on who pays for the account."""
    if api_key:
        return []
    if state.organization or state.managed:
        return [BY_ORGANIZATION]
    if not state.may_buy_packs:
        return [f"Manage your plan at https://{ACCOUNT_PAGE}"]
    packs = () if brief else state.packs
    offer = [f"  {row}" for row in pack_rows(packs)] or ["  Add-on credits available for purchase"]
    where = f"Manage your plan or purchase add-on credits at https://{ACCOUNT_PAGE}"
    return ["Additional credits:", *offer, where]
