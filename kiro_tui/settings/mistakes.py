"""How a mistake in the settings is told: what was expected, what was found, what was perhaps meant.

What was found comes from outside: it is cleaned and cut here, and nowhere else is it put into a message.
"""

from collections.abc import Iterable, Mapping, Sequence

from kiro_tui.domain.text import clean

ALIKE = 0.7
"""How like a known name an unknown one must be to be taken for a slip of it, 1 being the same."""
_LONGEST_SAID = 80
_NOUNS: Mapping[type, str] = {list: "a list", dict: "a table"}


class Unexpected(ValueError):
    """A value that is not what a setting may be, in harmless words: what was found, why not, what was perhaps meant."""

    def __init__(self, found: str, meant: str | None = None, why: str = "") -> None:
        super().__init__(found)
        self.found = found
        self.meant = meant
        self.why = why


def said(value: object) -> str:
    """Say a wrong value as a person would: short, harmless, not in Python's words."""
    match value:
        case bool():
            return str(value).lower()
        case str():
            return repr(clean(value, _LONGEST_SAID))
        case float():
            return f"{value:g}"
        case []:
            return "an empty list"
        case int():
            return str(value) if abs(value) < 10**_LONGEST_SAID else "a huge number"
        case _:
            return _NOUNS.get(type(value), "a date or time")


def as_toml(value: object) -> str:
    """Return a simple value or a list of them as TOML has it."""
    import json  # noqa: PLC0415 - a launch need not wait for what tells of mistakes

    return json.dumps(value, ensure_ascii=False)


def mismatch(expected: str, value: object, error: ValueError, meant: str | None = None) -> str:
    """Return the sentence for a value that was refused."""
    if not isinstance(error, Unexpected):
        error = Unexpected(said(value))
    why = f", but {error.why}" if error.why else ""
    return f"expected {expected}, found {error.found}{why}{did_you_mean(meant or error.meant)}"


def did_you_mean(meant: str | None) -> str:
    """Return the end of a sentence that proposes something, "" for nothing."""
    return f": did you mean {meant}?" if meant else ""


def unknown(what: str, name: str, known: Sequence[str]) -> str:
    """Return the sentence for a name that there is not; `what` says it with its kind and place."""
    return f"unknown {what}" + (did_you_mean(nearest(name, known)) or f": expected {', '.join(known)}")


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that an unknown one is a slip of, None where it is like none."""
    import difflib  # noqa: PLC0415 - most settings are right, and nobody waits for it

    by_folded = {each.casefold(): each for each in known}
    near = difflib.get_close_matches(name[:100].casefold(), by_folded, n=1, cutoff=ALIKE)
    return by_folded[near[0]] if near else None
