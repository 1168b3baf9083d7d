"""The usage that kiro-cli's agent protocol gives, as a Report like any other.

Pure. Any JSON at all gives a Report or a ProbeError: unknown fields are ignored, missing ones are unknown, and an
amount that is no plain number makes its window disappear, with a note, and is never a 0. What kiro-cli writes in the
place of something that it was not given is unknown as well: a plan `Unknown`, a rate of 0 (docs/kiro-cli.md,
section 4).
"""

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from kiro_tui.domain.text import clean
from kiro_tui.domain.usage import Overage, Report, Window, WindowKind
from kiro_tui.errors import NoNumbers, NotRecognised, ServiceFailed
from kiro_tui.probe.reading.dates import read_date
from kiro_tui.probe.reading.grants import ADD_ON_LABEL, BONUS_LABEL
from kiro_tui.probe.reading.meter_rows import DEFAULT_LABEL
from kiro_tui.probe.reading.meters import total_overage
from kiro_tui.probe.reading.numbers import as_limit, read_amount, to_hundredths
from kiro_tui.probe.reading.refusals import service_message
from kiro_tui.probe.reading.title_rows import plan_name
from kiro_tui.probe.reading.unread import unread_note

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
    managed = "managed by" in message.lower()
    if result.get("success") is False:
        raise service_message(message) or ServiceFailed(
            f"kiro-cli could not get the usage from Kiro's service: {message or 'no reason was given'}.",
            "Wait a little and ask again; the AWS Health Dashboard may know of trouble.",
        )
    if data is None and result.get("success") is True:  # how some versions say that there are no numbers
        return Report(None, managed=True, organization=_through_organization(message))
    if not isinstance(data, dict):
        raise _not_recognised()
    breakdowns = _objects(data, "usageBreakdowns")
    unread: list[str] = []
    windows = (
        *_windows(breakdowns, lambda item: _plan_window(item, _date(data.get("billingCycleReset"), now)), unread),
        *_windows(_objects(data, "bonusCredits"), _bonus_window, unread),
        *_windows(_objects(data, "addOnCredits"), lambda item: _add_on_window(item, now), unread),
    )
    if not windows and not managed:
        raise NoNumbers(
            "kiro-cli answered over its agent protocol, and the answer holds no amounts.",
            "The account page has the figures.",
        )
    return Report(
        plan=plan_name(_text(data.get("planName")) or ""),
        windows=windows,
        overage=_overage(data, breakdowns),
        managed=managed,
        organization=data.get("isEnterprise") is True or (managed and _through_organization(message)),
        notes=unread_note(unread, part_of="answer"),
    )


def _through_organization(message: str) -> bool:
    return "organization" in message.lower()


def _not_recognised() -> NotRecognised:
    return NotRecognised(
        "kiro-cli answered over its agent protocol in a way that kiro-tui does not know.",
        "Update kiro-tui; if that does not help, report it with the output of `kiro-tui doctor`.",
    )


def _windows(
    items: list[dict[str, Json]], window: Callable[[dict[str, Json]], Window | None], unread: list[str]
) -> Iterator[Window]:
    """Yield the windows; add to `unread` the name of each item that is none."""
    for item in items:
        read = window(item)
        if read is not None:
            yield read
        else:
            names = (_text(item.get(key)) for key in ("displayName", "name", "resourceType"))
            unread.append(next(filter(None, names), "an entry without a name"))


def _plan_window(item: dict[str, Json], resets: datetime | None) -> Window | None:
    used = _use(item.get("used"))
    limit = _amount(item.get("limit"))
    uncapped = item.get("hasLimit") is False or (limit is not None and limit >= NO_CAP)
    if used is None or (limit is None and not uncapped):
        return None
    limit = None if uncapped or limit is None else as_limit(limit)
    return Window(
        WindowKind.PLAN,
        _text(item.get("displayName")) or DEFAULT_LABEL,
        used=max(used - (_amount(item.get("currentOverages")) or 0), Decimal(0)),
        limit=limit,
        reported_percent=None if uncapped else _percent(item.get("percentage"), used, limit),
        ends_at=resets,
    )


def _percent(value: Json, used: Decimal, limit: Decimal | None) -> Decimal | None:
    """Return the percent; 0 for a share that is more than that stands for one that is missing."""
    percent = _amount(value)
    return None if percent == 0 and limit and used * 100 >= limit else percent


def _bonus_window(item: dict[str, Json]) -> Window | None:
    used, total = _use(item.get("used")), _amount(item.get("total"))
    if used is None or total is None:
        return None
    days = _amount(item.get("daysUntilExpiry"))
    return Window(
        WindowKind.BONUS,
        _text(item.get("name")) or BONUS_LABEL,
        used=used,
        limit=as_limit(total),
        ends_in_days=None if days is None else int(days),
    )


def _add_on_window(item: dict[str, Json], now: datetime) -> Window | None:
    used, total = _use(item.get("used")), _amount(item.get("total"))
    if used is None or total is None:
        return None
    label = _text(item.get("name")) or ADD_ON_LABEL
    return Window(WindowKind.ADD_ON, label, used=used, limit=as_limit(total), ends_at=_date(item.get("expiresAt"), now))


def _overage(data: dict[str, Json], breakdowns: list[dict[str, Json]]) -> Overage | None:
    """Return what all resources have on top of the plan; it may have been used and then switched off."""
    return total_overage(_overage_of(item, data.get("overagesEnabled")) for item in breakdowns)


def _overage_of(item: dict[str, Json], enabled: Json) -> Overage | None:
    credits_ = _amount(item.get("currentOverages"))
    if credits_ and not isinstance(enabled, bool):  # there cannot be any unless it is on
        enabled = True
    if not isinstance(enabled, bool):
        return None
    used, limit = _use(item.get("used")), _amount(item.get("limit"))
    over_the_limit = used is not None and limit is not None and 0 < limit < used
    if not credits_ and (over_the_limit or not enabled):  # 0 stands for what is missing
        credits_ = None
    cost = _amount(item.get("overageCharges"))
    return Overage(
        enabled=enabled,
        credits=credits_,
        rate=_read(item.get("overageRate")) or None,
        cost=cost if cost or credits_ == 0 else None,
        currency=plan_name(_text(item.get("currency")) or ""),
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
    return None if amount is None else to_hundredths(amount)


def _use(value: Json) -> Decimal | None:
    """Return what was used; a negative use is none, as Kiro itself shows it."""
    if isinstance(value, Decimal) and -BIGGEST <= value < 0:
        value = -value
        return None if _read(value) is None else Decimal(0)
    return _amount(value)


def _text(value: Json) -> str | None:
    return clean(value) or None if isinstance(value, str) else None


def _date(value: Json, now: datetime) -> datetime | None:
    """Return the day that the text starts with; what follows a `T` is the time of day, which is always midnight."""
    return read_date(value.strip().partition("T")[0], now=now) if isinstance(value, str) else None


def _objects(data: dict[str, Json], name: str) -> list[dict[str, Json]]:
    items = data.get(name)
    return [item for item in items[:MOST_ITEMS] if isinstance(item, dict)] if isinstance(items, list) else []
