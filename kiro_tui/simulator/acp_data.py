"""What `kiro-cli acp` answers a usage request with. Pure.

Its figures are not clamped: `used` includes the overage.
"""

from typing import Any

from kiro_tui.simulator.account import RATE, AccountState, Overages, Resource
from kiro_tui.simulator.classic import MONTHS

Message = dict[str, Any]

NO_CAP = 999_999
"""From this limit on, an account counts as one without a cap."""
MINIMAL_FIELDS = ("resourceType", "displayName", "used", "limit", "hasLimit")


def result(state: AccountState, quirks: frozenset[str] = frozenset()) -> Message:
    """Return what a usage request is answered with."""
    if "no_data" in quirks:
        return {"success": True, "message": "Usage retrieved"}
    if state.managed:
        data = _data(state) | {"billingCycleReset": "Unknown", "usageBreakdowns": [], "bonusCredits": []}
        return {"success": True, "message": "Your plan is managed by admin", "data": data}
    data = _with_placeholders(_data(state), quirks)
    if "unknown_fields" in quirks:
        data |= {"creditSplit": {"plan": 1, "other": [None, {}]}, "usageBreakdowns2": "later"}
    if "missing_fields" in quirks:
        data = {"usageBreakdowns": [{key: one[key] for key in ("used", "limit")} for one in data["usageBreakdowns"]]}
    if "minimal" in quirks:
        breakdowns = [{key: one[key] for key in MINIMAL_FIELDS} for one in data["usageBreakdowns"]]
        data = {key: data[key] for key in ("planName", "billingCycleReset")} | {"usageBreakdowns": breakdowns}
    return {"success": True, "message": "Usage retrieved", "data": data}


def _with_placeholders(data: Message, quirks: frozenset[str]) -> Message:
    """Put in what engine v2 sends for facts that it was not given."""
    if "unknown_plan" in quirks:
        data |= {"planName": "Unknown"}
    for breakdown in data["usageBreakdowns"]:
        if "no_rate" in quirks:
            breakdown |= {"overageRate": 0.0, "overageCharges": 0.0}
        if "no_limit" in quirks:
            breakdown |= {"limit": 0.0, "hasLimit": False, "percentage": 0}
    return data


def _data(state: AccountState) -> Message:
    return {
        "planName": state.plan,
        "billingCycleReset": "Unknown" if state.reset is None else state.reset.isoformat(),
        "overagesEnabled": state.overages is Overages.ON,
        "overageCapable": state.overages is not Overages.NONE,
        "isEnterprise": state.organization,
        "usageBreakdowns": [_breakdown(resource, state) for resource in state.resources],
        "bonusCredits": [
            {"name": one.name, "used": float(one.used), "total": float(one.total), "daysUntilExpiry": one.days}
            for one in state.bonuses
        ],
        "addOnCredits": [
            {
                "used": float(one.used),
                "total": float(one.total),
                "expiresAt": f"{MONTHS[one.expires.month - 1][:3]} {one.expires.day:02}, {one.expires.year}",
                "isActive": at == 0,
            }
            for at, one in enumerate(state.packs)
        ],
    }


def _breakdown(resource: Resource, state: AccountState) -> Message:
    limit = resource.limit
    percent = int(resource.used * 100 / limit) if limit else 0
    is_told = state.overages in {Overages.ON, Overages.SWITCHED_OFF}
    overage = resource.beyond if is_told else resource.beyond * 0
    return {
        "resourceType": "CREDIT" if resource.title == "Credits" else resource.title.upper().replace(" ", "_"),
        "displayName": resource.title,
        "used": float(resource.used),
        "limit": 0 if limit is None else float(limit),
        "hasLimit": limit is not None and 0 < limit < NO_CAP,
        "percentage": percent if state.percent is None else state.percent,
        "currentOverages": float(overage),
        "overageRate": float(RATE),
        "overageCharges": round(float(overage * RATE), 2),
        "currency": "USD",
    }
