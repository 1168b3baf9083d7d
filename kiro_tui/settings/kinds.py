"""What the value of a setting may be: how it is checked, read out of text, written as TOML and told to an editor.

A value comes as text (an option, a variable) or as a TOML value (the file). Text becomes a TOML value first, so that
each rule stands here once. Must never guess: "60" in quotes is no number, and true is no number either.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from kiro_tui.domain.month import WEEKDAYS, parse_workdays
from kiro_tui.domain.quiet import EXPECTED as EXPECTED_HOURS
from kiro_tui.domain.quiet import QuietHours
from kiro_tui.domain.state import Way
from kiro_tui.keys import EXPECTED, FIXED, NAMED, SENT_AS_ANOTHER, problem_of
from kiro_tui.settings.mistakes import Unexpected, nearest, said

_NUMBER = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?")
_FLAGS = {"true": True, "1": True, "yes": True, "on": True, "false": False, "0": False, "no": False, "off": False}
_TIME_OF_DAY = "([01]?[0-9]|2[0-3]):([0-5][0-9])"


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
                raise Unexpected(f"{error.found} in the list", error.meant) from error
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


def _of_flag_text(text: str) -> bool:
    if text.lower() not in _FLAGS:
        raise Unexpected(said(text), nearest(text, ("true", "false")))
    return _FLAGS[text.lower()]


def _checked_flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError(value)  # noqa: TRY004 - a wrong type is one more wrong value
    return value


def _checked_text(value: object) -> str:
    if not isinstance(value, str) or not value or not value.isprintable():
        raise ValueError(value)
    return value


def _checked_argument(value: object) -> str:
    if not isinstance(value, str) or "\0" in value:
        raise ValueError(value)
    return value


def _checked_program(value: object) -> str:
    if not _checked_argument(value):
        raise ValueError(value)
    return str(value)


def _checked_file(value: object) -> str:
    try:
        return str(Path(_checked_program(value)).expanduser())
    except RuntimeError as error:  # there is no home to put in the place of `~`
        raise ValueError(value) from error


_WAY = "|".join(Way)
_WAYS = several(one_of([way.value for way in Way]), "", at_least=1)


def _checked_ways(value: object) -> tuple[Way, ...]:
    if value in ("auto", ["auto"]):
        return ()
    if not isinstance(value, str):
        return tuple(map(Way, _WAYS.checked(value)))
    try:
        return tuple(map(Way, _WAYS.checked(_WAYS.of_text(value))))
    except Unexpected as error:
        raise Unexpected(said(value), error.meant) from error


_DAY = "|".join("".join(f"[{letter}{letter.upper()}]" for letter in day) for day in WEEKDAYS)
_SPAN = rf"({_DAY})(\s*-\s*({_DAY}))?"


def _checked_workdays(value: object) -> frozenset[int]:
    return parse_workdays(_checked_text(value))


def _written_workdays(days: frozenset[int]) -> str:
    if days == frozenset(range(min(days), max(days) + 1)) and len(days) > 1:
        return f"{WEEKDAYS[min(days)]}-{WEEKDAYS[max(days)]}"
    return ",".join(WEEKDAYS[day] for day in sorted(days))


def _checked_hours(value: object) -> QuietHours | None:
    return None if value == "" else QuietHours.parse(_checked_text(value))


def _checked_command(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or value[:1] == [""]:
        raise ValueError(value)
    return tuple(_checked_argument(each) for each in value)


def _of_command_text(text: str) -> object:
    import shlex  # noqa: PLC0415 - only for this variable

    return shlex.split(text)


def _checked_key(value: object) -> str:
    key = _checked_text(value)
    problem = problem_of(key)
    if problem.startswith("expected"):
        raise Unexpected(said(key), _meant_key(key))
    if problem:
        raise Unexpected(f"{said(key)}: {problem}")
    return key


def _meant_key(key: str) -> str | None:
    """Return the key that another way of writing stands for: `Ctrl-R` is ctrl+r, `shift+r` is R."""
    *modifiers, name = re.split(r"[-+]", key.strip())
    if [each.lower() for each in modifiers] in (["ctrl"], ["control"], ["c"]):
        meant = f"ctrl+{name.lower()}"
    elif [each.lower() for each in modifiers] == ["shift"]:
        meant = name.upper()
    else:
        meant = _SIGNS.get(key) or nearest(key, NAMED) or key
    return meant if meant != key and not problem_of(meant) else None


_SIGNS = {"plus": "+", "minus": "-", "question_mark": "?", "slash": "/", "comma": ",", "esc": "escape"}
"""Names that other programs have for keys that are written as one sign here."""
_KEY_PATTERN = rf"^([!-~]|ctrl\+[a-z]|{'|'.join(NAMED)})$"
_KEY = Kind("", _checked_key, {"type": "string", "pattern": _KEY_PATTERN, "not": {"enum": [*FIXED, *SENT_AS_ANOTHER]}})
_KEY_LIST = several(_KEY, "", at_least=1)


def _checked_keys(value: object) -> tuple[str, ...]:
    return _KEY_LIST.checked(value) if isinstance(value, list) else (_checked_key(value),)


def _written_keys(keys: tuple[str, ...]) -> object:
    return keys[0] if len(keys) == 1 else list(keys)


FLAG = Kind("true or false", _checked_flag, {"type": "boolean"}, _of_flag_text)
PROGRAM = Kind("a program, as a path or by its name in PATH", _checked_program, {"type": "string", "minLength": 1})
FILE = Kind("the path of a file", _checked_file, {"type": "string", "minLength": 1})
WAYS = Kind(
    "auto, or some of report, acp, panel in order",
    _checked_ways,
    {"anyOf": [{"type": "string", "pattern": rf"^(auto|({_WAY})(\s*,\s*({_WAY}))*)$"}, _WAYS.schema]},
    written=lambda ways: [way.value for way in ways] or "auto",
)
DAYS_OF_WEEK = Kind(
    "days of the week, as in mon-fri or mon,wed,fri",
    _checked_workdays,
    {"type": "string", "pattern": rf"^\s*{_SPAN}(\s*,\s*{_SPAN})*\s*$"},
    written=_written_workdays,
)
HOURS = Kind(
    f"{EXPECTED_HOURS}, or nothing",
    _checked_hours,
    {"type": "string", "pattern": rf"^(\s*{_TIME_OF_DAY}\s*-\s*{_TIME_OF_DAY}\s*)?$"},
    written=lambda hours: "" if hours is None else str(hours),
)
COMMAND = Kind(
    "a list of a program and its arguments",
    _checked_command,
    {"type": "array", "items": {"type": "string"}},
    _of_command_text,
    list,
)
KEYS = Kind(
    f"{EXPECTED}, or a list of keys",
    _checked_keys,
    {"anyOf": [_KEY.schema, _KEY_LIST.schema]},
    written=_written_keys,
)
