"""What the value of each setting may be, and how a wrong one is described.

A setting comes as text (an option, a variable) or as a TOML value (the file). Text becomes such a value first, so that
each rule stands here once. Must never guess: "60" in quotes is no number, and true is no number either.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from kiro_tui.domain.month import parse_workdays
from kiro_tui.domain.state import Way
from kiro_tui.domain.text import clean
from kiro_tui.poller import SHORTEST_INTERVAL

HOUR = 3600.0
WEEK = 7 * 24 * HOUR
_LONGEST_SAID = 80
_NUMBER = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?")
_NOUNS: Mapping[type, str] = {list: "a list", dict: "a table"}
_FLAGS = {"true": True, "1": True, "yes": True, "on": True, "false": False, "0": False, "no": False, "off": False}


@dataclass(frozen=True, slots=True)
class Kind:
    """What a value must be: `of_text` makes one out of text, `checked` accepts it or what TOML gave."""

    expected: str
    of_text: Callable[[str], object]
    checked: Callable[[object], object]
    """Both raise ValueError for what is not expected."""


def said(value: object) -> str:
    """Say a wrong value as a person would: short, harmless, not in Python's words."""
    match value:
        case bool():
            return str(value).lower()
        case str():
            return repr(clean(value, _LONGEST_SAID))
        case float():
            return f"{value:g}"
        case int():
            return str(value) if abs(value) < 10**_LONGEST_SAID else "a huge number"
        case _:
            return _NOUNS.get(type(value), "a date or time")


def _number(at_least: float, at_most: float) -> Kind:
    def of_text(text: str) -> float:
        if not _NUMBER.fullmatch(text):
            raise ValueError(text)
        return float(text)

    def checked(value: object) -> float:
        # True is an int to Python, and nan is neither more nor less than anything.
        if isinstance(value, bool) or not isinstance(value, int | float) or not at_least <= value <= at_most:
            raise ValueError(value)
        return float(value)

    return Kind(f"seconds, a number from {at_least:g} to {at_most:g}", of_text, checked)


def _of_flag_text(text: str) -> bool:
    if text.lower() not in _FLAGS:
        raise ValueError(text)
    return _FLAGS[text.lower()]


def _checked_flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError(value)  # noqa: TRY004 - a wrong type is one more wrong value
    return value


def _checked_text(value: object) -> str:
    if not isinstance(value, str) or not value or not value.isprintable():
        raise ValueError(value)
    return value


def _checked_program(value: object) -> str:
    if not isinstance(value, str) or not value or "\0" in value:
        raise ValueError(value)
    return value


def _checked_file(value: object) -> str:
    try:
        return str(Path(_checked_program(value)).expanduser())
    except RuntimeError as error:  # there is no home to put in the place of `~`
        raise ValueError(value) from error


def _of_ways_text(text: str) -> object:
    return [part.strip() for part in text.split(",")]


def _checked_ways(value: object) -> tuple[Way, ...]:
    names = _of_ways_text(value) if isinstance(value, str) else value
    if names == ["auto"]:
        return ()
    if not isinstance(names, list) or not names:
        raise ValueError(value)
    ways = tuple(Way(_checked_text(name)) for name in names)
    if len(set(ways)) < len(ways):
        raise ValueError(value)
    return ways


def _checked_workdays(value: object) -> frozenset[int]:
    return parse_workdays(_checked_text(value))


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "kiro_cli": Kind("a program, as a path or by its name in PATH", str, _checked_program),
        "source": Kind("auto, or some of report, acp, panel in order", _of_ways_text, _checked_ways),
        "timeout": _number(1, HOUR),
        "interval": _number(SHORTEST_INTERVAL, WEEK),
        "log": Kind("the path of a file", str, _checked_file),
        "show_email": Kind("true or false", _of_flag_text, _checked_flag),
        "theme": Kind("the name of a theme", str, _checked_text),
        "workdays": Kind("days of the week, as in mon-fri or mon,wed,fri", str, _checked_workdays),
        "seconds": Kind("true or false", _of_flag_text, _checked_flag),
        "tmux_title": Kind("true or false", _of_flag_text, _checked_flag),
    }
)
"""Every setting by its key in the file."""
