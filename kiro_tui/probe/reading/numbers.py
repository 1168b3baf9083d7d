"""Amounts as kiro-cli prints them, read strictly: a number that looks odd is no number.

Pure. Only ASCII digits, a bounded length, optional thousands separators; never `nan`, `1e9`, `1_000` or
wide digits, all of which `float` and `Decimal` would accept.
"""

import re
from decimal import Decimal

_AMOUNT = re.compile(r"(?:[0-9]{1,12}|[0-9]{1,3}(?:,[0-9]{3}){1,3})(?:\.[0-9]{1,6})?")


def read_amount(text: str) -> Decimal | None:
    """Return the amount with its decimals as printed, None where the text is not plainly one."""
    return Decimal(text.replace(",", "")) if _AMOUNT.fullmatch(text) else None


class UnreadableError(ValueError):
    """A figure is there, and it is no plain number."""


def amount(text: str) -> Decimal:
    """Return the amount; raise UnreadableError where the text is not plainly one."""
    number = read_amount(text)
    if number is None:
        raise UnreadableError(text)
    return number


def money(text: str) -> Decimal:
    """Return the amount of `$0.04`, the sign being optional; raise UnreadableError where it is not plainly one."""
    return amount(text[1:] if text[:1] in {"$", "€", "£", "¥", "₹"} else text)
