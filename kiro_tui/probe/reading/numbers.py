"""Amounts as kiro-cli prints them, read strictly: a number that looks odd is no number.

Pure. Only ASCII digits, a bounded length, optional thousands separators; never `nan`, `1e9`, `1_000` or
wide digits, all of which `float` and `Decimal` would accept. Credits are rounded to hundredths here, for printed
reports and for the agent protocol alike, so that one grant has one figure whichever source states it.
"""

import re
from decimal import ROUND_HALF_UP, Decimal

from kiro_tui.domain.usage import HUNDREDTH

_AMOUNT = re.compile(r"(?:[0-9]{1,12}|[0-9]{1,3}(?:,[0-9]{3}){1,3})(?:\.[0-9]{1,20})?")
_TINY = re.compile(r"[0-9](?:\.[0-9]{1,20})?e-[0-9]{1,3}")
"""How JavaScript prints what floating-point arithmetic left of nothing: `5.551115123125783e-17`."""


def read_amount(text: str) -> Decimal | None:
    """Return the amount with its decimals as printed, None where the text is not plainly one."""
    return Decimal(text.replace(",", "")) if _AMOUNT.fullmatch(text) else None


class UnreadableError(ValueError):
    """A figure is there, and it is no plain number."""


def exact(text: str) -> Decimal:
    """Return the number as printed; raise UnreadableError where the text is not plainly one."""
    number = read_amount(text)
    if number is None:
        raise UnreadableError(text)
    return number


def amount(text: str) -> Decimal:
    """Return the credits, in hundredths at most; raise UnreadableError where the text is not plainly a number."""
    return to_hundredths(exact(text))


def unrounded_amount(text: str) -> Decimal:
    """Return the credits of a grant, which the panel prints as JavaScript holds them (docs/kiro-cli.md, section 3)."""
    return to_hundredths(Decimal(text)) if _TINY.fullmatch(text) else amount(text)


def money(text: str) -> Decimal:
    """Return the amount of `$0.04`, the sign being optional; raise UnreadableError where it is not plainly one."""
    return exact(text[1:] if text[:1] in {"$", "€", "£", "¥", "₹"} else text)


def to_hundredths(number: Decimal) -> Decimal:
    """Return the number rounded half up to two decimals; one with fewer decimals stays as it is."""
    return number if number.as_tuple().exponent in {0, -1, -2} else number.quantize(HUNDREDTH, ROUND_HALF_UP)


def as_limit(number: Decimal) -> Decimal:
    """Return a limit as most reports print it: `2000`, not `2000.0`."""
    return number.to_integral_value() if number == number.to_integral_value() else number
