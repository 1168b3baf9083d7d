"""The usage that kiro-cli's agent protocol gives, as a Report like any other.

Pure. Any JSON at all gives a Report or a ProbeError: unknown fields are ignored, missing ones are unknown, and an
amount that is no plain number makes its window disappear, never a 0.
"""

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from kiro_tui.domain.text import clean
from kiro_tui.domain.usage import HUNDREDTH, Overage, Report, Window, WindowKind
from kiro_tui.errors import NoNumbers, NotRecognised, ServiceFailed
from kiro_tui.probe.reading.dates import read_date
from kiro_tui.probe.reading.grants import ADD_ON_LABEL, BONUS_LABEL
from kiro_tui.probe.reading.meters import total_overage
from kiro_tui.probe.reading.numbers import read_amount
from kiro_tui.probe.reading.reader import DEFAULT_LABEL

NO_CAP = Decimal(999_999)
"""A limit from here on stands for none."""
BIGGEST = Decimal(10) ** 12
"""No account has more; a bigger number is damage."""
MOST_DIGITS = 20
"""Before or behind the decimal point; a longer number is damage as well."""
MOST_ITEMS = 50
"""Windows of a kind; an account has a handful."""

Json = Any  # what json.loads gives: the type system has no name for it


def load_json(text: str) -> Json:
    """Return the value with exact decimals for numbers; ValueError for anything that is not plain JSON."""
    try:
        return json.loads(text, parse_float=_number, parse_int=_number, parse_constant=lambda _: None)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def read_usage(result: Json, *, now: datetime) -> Report:
    """Return the report in the result of a usage question.

    Raises ServiceFailed where kiro-cli says that it could not get it, NoNumbers where there are none, and
    NotRecognised where this is no such result.
    """
    if not isinstance(result, dict):
        raise _not_recognised()
    message = _text(result.get("message")) or ""
    data = result.get("data")
    if result.get("success") is False:
        raise ServiceFailed(
            f"kiro-cli could not get the usage from Kiro's service: {message or 'no reason was given'}.",
            "Wait a little and ask again; the AWS Health Dashboard may know of trouble.",
        )
    if not isinstance(data, dict):
        raise _not_recognised()
    breakdowns = _objects(data, "usageBreakdowns")
    windows = (
        *_windows(breakdowns, lambda item: _plan_window(item, _date(data.get("billingCycleReset"), now))),
        *_windows(_objects(data, "bonusCredits"), _bonus_window),
        *_windows(_objects(data, "addOnCredits"), lambda item: _add_on_window(item, now)),
    )
    managed = not windows and "managed by" in message.lower()
    if not windows and not managed:
        raise NoNumbers(
            "kiro-cli answered over its agent protocol, and the answer holds no amounts.",
            "The account page has the figures.",
        )
    return Report(
        plan=_text(data.get("planName")),
        windows=windows,
        overage=_overage(data, breakdowns),
        managed=managed,
        organization=data.get("isEnterprise") is True,
    )


def _not_recognised() -> NotRecognised:
    return NotRecognised(
        "kiro-cli answered over its agent protocol in a way that kiro-tui does not know.",
        "Update kiro-tui; if that does not help, report it with the output of `kiro-tui doctor`.",
    )


def _windows(items: list[dict[str, Json]], window: Callable[[dict[str, Json]], Window | None]) -> Iterator[Window]:
    return (read for item in items if (read := window(item)) is not None)


def _plan_window(item: dict[str, Json], resets: datetime | None) -> Window | None:
    used = _amount(item.get("used"))
    limit = _amount(item.get("limit"))
    uncapped = item.get("hasLimit") is False or (limit is not None and limit >= NO_CAP)
    if used is None or (limit is None and not uncapped):
        return None
    return Window(
        WindowKind.PLAN,
        _text(item.get("displayName")) or DEFAULT_LABEL,
        used=max(used - (_amount(item.get("currentOverages")) or 0), Decimal(0)),
        limit=None if uncapped or limit is None else _as_limit(limit),
        reported_percent=None if uncapped else _amount(item.get("percentage")),
        ends_at=resets,
    )


def _bonus_window(item: dict[str, Json]) -> Window | None:
    used, total = _amount(item.get("used")), _amount(item.get("total"))
    if used is None or total is None:
        return None
    days = _amount(item.get("daysUntilExpiry"))
    return Window(
        WindowKind.BONUS,
        _text(item.get("name")) or BONUS_LABEL,
        used=used,
        limit=_as_limit(total),
        ends_in_days=None if days is None else int(days),
    )


def _add_on_window(item: dict[str, Json], now: datetime) -> Window | None:
    used, total = _amount(item.get("used")), _amount(item.get("total"))
    if used is None or total is None:
        return None
    label = _text(item.get("name")) or ADD_ON_LABEL
    return Window(
        WindowKind.ADD_ON, label, used=used, limit=_as_limit(total), ends_at=_date(item.get("expiresAt"), now)
    )


def _overage(data: dict[str, Json], breakdowns: list[dict[str, Json]]) -> Overage | None:
    """Return what all resources have on top of the plan; as in a printed report, only what is on has amounts."""
    return total_overage(_overage_of(item, data.get("overagesEnabled")) for item in breakdowns)


def _overage_of(item: dict[str, Json], enabled: Json) -> Overage | None:
    credits_ = _amount(item.get("currentOverages"))
    if credits_:  # there cannot be any unless it is on
        enabled = True
    if not isinstance(enabled, bool):
        return None
    if not enabled:
        return Overage(enabled=False)
    return Overage(
        enabled=True,
        credits=credits_,
        rate=_read(item.get("overageRate")),
        cost=_amount(item.get("overageCharges")),
        currency=_text(item.get("currency")),
    )


def _number(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:  # an exponent beyond all bounds
        return None


def _read(value: Json) -> Decimal | None:
    if isinstance(value, str):
        return read_amount(value)
    if not isinstance(value, Decimal) or not 0 <= value <= BIGGEST:
        return None
    return value if abs(int(value.as_tuple().exponent)) <= MOST_DIGITS else None


def _amount(value: Json) -> Decimal | None:
    """Return an amount with at most two decimals, as the printed reports have them."""
    amount = _read(value)
    if amount is None or amount.as_tuple().exponent in {0, -1, -2}:
        return amount
    return amount.quantize(HUNDREDTH, ROUND_HALF_UP)


def _as_limit(amount: Decimal) -> Decimal:
    """Return the limit as the printed reports have it: `2000`, not `2000.0`."""
    return amount.to_integral_value() if amount == amount.to_integral_value() else amount


def _text(value: Json) -> str | None:
    return clean(value) or None if isinstance(value, str) else None


def _date(value: Json, now: datetime) -> datetime | None:
    """Return the day that the text starts with; what follows a `T` is the time of day, which is always midnight."""
    return read_date(value.strip().partition("T")[0], now=now) if isinstance(value, str) else None


def _objects(data: dict[str, Json], name: str) -> list[dict[str, Json]]:
    items = data.get(name)
    return [item for item in items[:MOST_ITEMS] if isinstance(item, dict)] if isinstance(items, list) else []
