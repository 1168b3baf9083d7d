"""Parses single values of KIRO_SIM_ variables, and raises BadScenario where a value means nothing. Pure.

scenario.py calls it for each variable.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import TypeVar

PREFIX = "KIRO_SIM_"

T = TypeVar("T")


class BadScenario(ValueError):
    """A KIRO_SIM_ variable has an unknown name or a value that means nothing."""


def parse_value(name: str, text: str, parse: Callable[[str], T]) -> T:
    """Return what `parse` makes of the text; BadScenario names the variable where it fails."""
    try:
        return parse(text)
    except (ValueError, InvalidOperation) as error:
        raise BadScenario(f"{PREFIX}{name} is {text!r}, which cannot be read: {error}") from None


def choose(name: str, value: str, known: tuple[str, ...]) -> str:
    """Return the value, which must be one of the known ones."""
    if value not in known:
        raise BadScenario(f"{PREFIX}{name} is {value!r}; expected one of {', '.join(known)}")
    return value


def choose_optional(name: str, given: Mapping[str, str], known: tuple[str, ...]) -> str | None:
    """Return the variable's value, None where it is not given."""
    return choose(name, given[name], known) if given.get(name) else None


def choose_several(name: str, given: Mapping[str, str], known: tuple[str, ...]) -> tuple[str, ...]:
    """Return the variable's values, which are separated by commas."""
    return tuple(choose(name, entry, known) for entry in split(given.get(name, "")))


def parse_switch(name: str, given: Mapping[str, str]) -> bool:
    """Return whether the variable is `1`."""
    return choose(name, given.get(name) or "0", ("0", "1")) == "1"


def split(text: str) -> list[str]:
    """Return the entries of a list that is separated by commas."""
    return [entry.strip() for entry in text.split(",") if entry.strip()]


def parse_amount(text: str) -> Decimal:
    """Return a number of credits."""
    amount = Decimal(text)
    if not amount.is_finite():
        raise ValueError("not a number of credits")
    return amount


def parse_limit(text: str) -> Decimal | None:
    """Return a number of credits, None for an account without a cap."""
    return None if text in {"none", ""} else parse_amount(text)


def parse_seconds(text: str) -> float:
    """Return a number of seconds that is not negative."""
    seconds = float(text)
    if not 0 <= seconds < 1e6:  # noqa: PLR2004 - written so that nan is refused too
        raise ValueError("not a positive number")
    return seconds


def parse_moment(text: str) -> datetime:
    """Return an aware time; UTC where the text names no zone."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
