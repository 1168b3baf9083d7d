"""What the value of a setting may be: how it is checked, read out of text, written as TOML and told to an editor.

A value comes as text (an option, a variable) or as a TOML value (the file). Text becomes a TOML value first, so that
each rule stands here once. Must never guess: "60" in quotes is no number, and true is no number either.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from kiro_tui.settings.mistakes import Unexpected, nearest, said

_NUMBER = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?")


def _as_it_is(value: object) -> object:
    return value


@dataclass(frozen=True, slots=True, eq=False)
class Kind:
    """What a value must be."""

    expected: str
    checked: Callable[[object], Any]
    """Makes the setting of a TOML value; raises ValueError for what is not expected."""
    schema: Mapping[str, object]
    """The same as JSON schema, as far as that can say it."""
    of_text: Callable[[str], object] = str
    """Makes a TOML value of text; raises ValueError like `checked`."""
    written: Callable[[Any], object] = _as_it_is
    """Makes a TOML value of the setting; a default that TOML cannot say is None."""


def number(at_least: float, at_most: float, unit: str) -> Kind:
    """Return the kind of a number between two bounds, both allowed."""

    def checked(value: object) -> float:
        # True is an int to Python, and nan is neither more nor less than anything.
        if isinstance(value, bool) or not isinstance(value, int | float) or not at_least <= value <= at_most:
            raise ValueError(value)
        return float(value)

    expected = f"{unit}, a number from {at_least:g} to {at_most:g}"
    return Kind(expected, checked, _between("number", at_least, at_most), _of_number_text, _plain)


def whole(at_least: int, at_most: int, noun: str) -> Kind:
    """Return the kind of a whole number between two bounds, both allowed."""

    def checked(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not at_least <= value <= at_most:
            raise ValueError(value)
        return value

    return Kind(
        f"{noun} from {at_least} to {at_most}", checked, _between("integer", at_least, at_most), _of_number_text
    )


def money(at_most: int) -> Kind:
    """Return the kind of an amount of money, more than nothing."""

    def checked(value: object) -> Decimal:
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= at_most:
            raise ValueError(value)
        return Decimal(str(value))

    schema = {"type": "number", "exclusiveMinimum": 0, "maximum": at_most}
    return Kind(f"an amount up to {at_most}", checked, schema, _of_number_text, _plain)


def one_of(names: Sequence[str]) -> Kind:
    """Return the kind of a name out of a list."""

    def checked(value: object) -> str:
        if not isinstance(value, str) or value not in names:
            raise Unexpected(said(value), nearest(value, names) if isinstance(value, str) else None)
        return value

    return Kind(f"{', '.join(names[:-1])} or {names[-1]}", checked, {"enum": list(names)})


def several(item: Kind, expected: str, *, at_least: int = 0) -> Kind:
    """Return the kind of a list in which each value stands once; as text they are separated by commas."""

    def checked(value: object) -> tuple[Any, ...]:
        if not isinstance(value, list) or len(value) < at_least:
            raise ValueError(value)
        values: list[Any] = []
        for each in value:
            try:
                one = item.checked(each)
            except Unexpected as error:
                raise Unexpected(f"{error.found} in the list", error.meant, error.why) from error
            except ValueError as error:
                raise Unexpected(f"{said(each)} in the list") from error
            if one in values:
                raise Unexpected(f"{said(each)} twice")
            values.append(one)
        return tuple(values)

    schema = {"type": "array", "items": item.schema, "uniqueItems": True} | ({"minItems": at_least} if at_least else {})
    return Kind(
        expected,
        checked,
        schema,
        lambda text: [item.of_text(part.strip()) for part in text.split(",")],
        lambda values: [item.written(value) for value in values],
    )


def _between(kind: str, at_least: float, at_most: float) -> Mapping[str, object]:
    return {"type": kind, "minimum": _plain(at_least), "maximum": _plain(at_most)}


def _plain(value: float | Decimal) -> object:
    return int(value) if value == int(value) else float(value)


def _of_number_text(text: str) -> object:
    if not _NUMBER.fullmatch(text):
        raise ValueError(text)
    return _plain(float(text))
