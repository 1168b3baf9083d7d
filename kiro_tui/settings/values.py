"""What the values of this program's own kinds of settings may be: flags, programs, ways of asking, days, hours, keys.

What a way, a day, quiet hours or a key is, the domain and kiro_tui/keys.py say; here it is only asked. Must never touch
a file or a program that is named.
"""

import re
from pathlib import Path

from kiro_tui import keys
from kiro_tui.domain import quiet
from kiro_tui.domain.month import WEEKDAYS, parse_workdays
from kiro_tui.domain.quiet import QuietHours
from kiro_tui.domain.state import Way
from kiro_tui.settings.kinds import Kind, one_of, several
from kiro_tui.settings.mistakes import Unexpected, as_toml, nearest, said

_FLAGS = {"true": True, "1": True, "yes": True, "on": True, "false": False, "0": False, "no": False, "off": False}


def _of_flag_text(text: str) -> bool:
    if text.lower() not in _FLAGS:
        raise Unexpected(said(text), nearest(text, ("true", "false")))
    return _FLAGS[text.lower()]


def _checked_flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError(value)  # noqa: TRY004 - a wrong type is one more wrong value
    return value


FLAG = Kind("true or false", _checked_flag, {"type": "boolean"}, _of_flag_text)


def _checked_argument(value: object) -> str:
    if not isinstance(value, str) or "\0" in value:
        raise ValueError(value)
    return value


def _checked_program(value: object) -> str:
    if not value:
        raise ValueError(value)
    return _checked_argument(value)


def _checked_file(value: object) -> str:
    try:
        return str(Path(_checked_program(value)).expanduser())
    except RuntimeError as error:  # there is no home to put in the place of `~`
        raise ValueError(value) from error


_ANY_ARGUMENT = {"type": "string", "pattern": r"^[^\u0000]*$"}
_SOME_TEXT = {"type": "string", "pattern": r"^[^\u0000]+$"}
PROGRAM = Kind("a program, as a path or by its name in PATH", _checked_program, _SOME_TEXT)
FILE = Kind("the path of a file", _checked_file, _SOME_TEXT)
FOLDERS = several(Kind("", _checked_file, _SOME_TEXT), "a list of folders, each once")


def _checked_command(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise ValueError(value)  # noqa: TRY004 - a wrong type is one more wrong value
    for number, each in enumerate(value):
        if not isinstance(each, str) or "\0" in each or not (each or number):
            raise Unexpected(f"{said(each)} in the list")
    return tuple(value)


def _of_command_text(text: str) -> object:
    import shlex  # noqa: PLC0415 - only for this variable

    return shlex.split(text)


COMMAND = Kind(
    "a list of a program and its arguments",
    _checked_command,
    {"type": "array", "items": [_SOME_TEXT], "additionalItems": _ANY_ARGUMENT},
    _of_command_text,
    list,
)

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


WAYS = Kind(
    f"auto, or some of {', '.join(Way)} in order",
    _checked_ways,
    {"anyOf": [{"type": "string", "pattern": rf"^(auto|({_WAY})(\s*,\s*({_WAY}))*)$"}, _WAYS.schema]},
    written=lambda ways: [way.value for way in ways] or "auto",
)


def _checked_workdays(value: object) -> frozenset[int]:
    if isinstance(value, list) and value and all(isinstance(each, str) for each in value):
        raise Unexpected(said(value), _meant_days(",".join(value)))
    if not isinstance(value, str):
        raise ValueError(value)  # noqa: TRY004 - a wrong type is one more wrong value
    try:
        return parse_workdays(value)
    except ValueError as error:
        raise Unexpected(said(value), _meant_days(value)) from error


def _meant_days(text: str) -> str | None:
    """Return the days that Monday-Friday means."""
    short = re.sub("[a-z]+", lambda word: word[0][:3], text[:100].lower())
    try:
        parse_workdays(short)
    except ValueError:
        return None
    return as_toml(short)


def _written_workdays(days: frozenset[int]) -> str:
    if days == frozenset(range(min(days), max(days) + 1)) and len(days) > 1:
        return f"{WEEKDAYS[min(days)]}-{WEEKDAYS[max(days)]}"
    return ",".join(WEEKDAYS[day] for day in sorted(days))


_DAY = "|".join("".join(f"[{letter}{letter.upper()}]" for letter in day) for day in WEEKDAYS)
_SPAN = rf"({_DAY})(\s*-\s*({_DAY}))?"
DAYS_OF_WEEK = Kind(
    "days of the week, as in mon-fri or mon,wed,fri",
    _checked_workdays,
    {"type": "string", "pattern": rf"^\s*{_SPAN}(\s*,\s*{_SPAN})*\s*$"},
    written=_written_workdays,
)


def _checked_hours(value: object) -> QuietHours | None:
    if not isinstance(value, str):
        raise ValueError(value)  # noqa: TRY004 - a wrong type is one more wrong value
    return QuietHours.parse(value) if value else None


_TIME = "([01]?[0-9]|2[0-3]):[0-5][0-9]"
HOURS = Kind(
    f"{quiet.EXPECTED}, or nothing",
    _checked_hours,
    {"type": "string", "pattern": rf"^(\s*{_TIME}\s*-\s*{_TIME}\s*)?$"},
    written=lambda hours: "" if hours is None else str(hours),
)


def _checked_key(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(value)  # noqa: TRY004 - a wrong type is one more wrong value
    problem = keys.problem_of(value)
    if problem:
        why = "" if problem == f"expected {keys.EXPECTED}" else problem
        raise Unexpected(said(value), _meant_key(value), why)
    return value


_ELSEWHERE = {"plus": "+", "minus": "-", "question_mark": "?", "slash": "/", "comma": ",", "return": "enter"}
"""What other programs call keys."""


def _meant_key(key: str) -> str | None:
    """Return the key that another way of writing stands for: `Ctrl-R` is ctrl+r, `shift+r` is R."""
    *modifiers, name = re.split("[-+]", key.strip().lower())
    if modifiers in (["ctrl"], ["control"], ["c"]):
        meant = f"ctrl+{name}"
    elif modifiers == ["shift"] and len(name) == 1:
        meant = name.upper()
    else:
        meant = _ELSEWHERE.get(name) or nearest(name, keys.NAMED) or name
    return meant if meant != key and not keys.problem_of(meant) else None


DEFINITIONS = {
    "key": {
        "type": "string",
        "pattern": rf"^([!-~]|ctrl\+[a-z]|{'|'.join(keys.NAMED)})$",
        "not": {"enum": [*keys.FIXED, *keys.SENT_AS_ANOTHER]},
    }
}
"""What stands in the schema more than once."""
_KEY = Kind("", _checked_key, {"$ref": "#/definitions/key"})
_KEY_LIST = several(_KEY, "", at_least=1)


def _checked_keys(value: object) -> tuple[str, ...]:
    return _KEY_LIST.checked(value) if isinstance(value, list) else (_checked_key(value),)


KEYS = Kind(
    f"{keys.EXPECTED}, or a list of keys",
    _checked_keys,
    {"anyOf": [_KEY.schema, _KEY_LIST.schema]},
    written=lambda several: several[0] if len(several) == 1 else list(several),
)
