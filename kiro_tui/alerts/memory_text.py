"""The memory of what was told, as the text under which the journal keeps it.

Pure. What cannot be read is nothing: then something may be told once more, which is better than never again. Keys
that a newer kiro-tui has written are left out.
"""

import json
import logging
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from kiro_tui.domain.alert_memory import Grant, Memory, Month, Outage

Object = dict[str, Any]

_log = logging.getLogger(__name__)


def text_of(memory: Memory) -> str:
    """Return the memory as text; the same one always gives the same text."""
    content = {
        "months": [_month(month) for month in memory.months],
        "grants": [[grant.name, _moment(grant.ends), grant.days] for grant in memory.grants],
        "outage": None if memory.outage is None else _outage(memory.outage),
        "well_at": _moment(memory.well_at),
    }
    return json.dumps(content, sort_keys=True)


def memory_of(text: str | None) -> Memory:
    """Return the memory that was kept; an empty one where nothing was, or nothing that makes sense."""
    if text is None:
        return Memory()
    try:
        content = json.loads(text)
        outage = content["outage"]
        return Memory(
            months=tuple(_month_of(month) for month in content["months"]),
            grants=tuple(Grant(str(name), _time(ends), int(days)) for name, ends, days in content["grants"]),
            outage=None if outage is None else _outage_of(outage),
            well_at=None if content["well_at"] is None else _time(content["well_at"]),
        )
    except (ValueError, ArithmeticError, KeyError, TypeError, AttributeError, RecursionError) as error:
        _log.warning("What was told before cannot be read, so it may be told again: %s", error)
        return Memory()


def _month(month: Month) -> Object:
    return {
        "ends": _moment(month.ends),
        "used": dict(month.used),
        "cost": None if month.cost is None else str(month.cost),
        "overage": month.overage,
        "runs_out": month.runs_out,
        "lasts": month.lasts,
    }


def _month_of(said: Mapping[str, Any]) -> Month:
    return Month(
        ends=_time(said["ends"]),
        used={str(name): int(percent) for name, percent in said["used"].items()},
        cost=None if said["cost"] is None else Decimal(said["cost"]),
        overage=said["overage"] is True,
        runs_out=said["runs_out"] is True,
        lasts=said["lasts"] is True,
    )


def _outage(outage: Outage) -> Object:
    return {
        "since": _moment(outage.since),
        "last": _moment(outage.last),
        "signed_out": outage.signed_out,
        "silent": outage.silent,
    }


def _outage_of(said: Mapping[str, Any]) -> Outage:
    return Outage(
        _time(said["since"]),
        _time(said["last"]),
        signed_out=said["signed_out"] is True,
        silent=said["silent"] is True,
    )


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _time(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text} is in no time zone")
    return moment
