"""Text that came from outside, made fit to be shown, kept or sent.

Pure. `clean` is for names and labels of one line: what comes out can move no cursor, hide nothing and break no
layout. `redact` is for whole screens that leave this machine in a bug report, `disguise` for what must still be read
by a program as before. All take linear time whatever they are given, and none ever raises.
"""

import re
import unicodedata
from array import array
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import islice
from types import MappingProxyType
from typing import NamedTuple

ZERO_WIDTH_JOINER = "\u200d"
HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
MOST_MARKS_IN_A_ROW = 4
ELLIPSIS = "…"

LONGEST_LINE = 4096
"""Characters of a line that `redact` looks at and keeps; a screen has no longer ones."""


def clean(text: str, limit: int = 200) -> str:
    """Return the text as one harmless line of at most `limit` characters; a longer one ends in `…`."""
    kept = list(islice(_visible(text), limit + 1))
    if len(kept) <= limit:
        return "".join(kept)
    return "".join(kept[: limit - 1]).rstrip(" " + ZERO_WIDTH_JOINER) + ELLIPSIS


def _visible(text: str) -> Iterator[str]:
    """Yield what may stay: white space as single blanks inside the text, joiners between characters, few marks."""
    pending = ""  # a blank or a joiner that is only kept if something visible follows
    marks = 0
    started = False
    for character in text:
        category = unicodedata.category(character)
        if character.isspace():
            pending = " "
        elif character == ZERO_WIDTH_JOINER:
            pending = pending or ZERO_WIDTH_JOINER
        elif category not in HIDDEN_CATEGORIES:
            marks = marks + 1 if category.startswith("M") else 0
            if marks > MOST_MARKS_IN_A_ROW:
                continue
            if pending and started:
                yield pending
            pending = ""
            started = True
            yield character


_UNSEEN = (
    r"\x1b\[[0-?]{0,64}[ -/]{0,4}[@-~]"  # colours and cursor moves
    r"|\x1b[ -/]{1,4}[0-~]|\x1b[0-OQ-WYZ\\`-~]"  # character sets, keypad, saved cursors
    r"|[\x00-\x06\x08\x0e-\x1a\x1c-\x1f\x7f]"  # what a terminal swallows
    r"|[\xad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]"  # what has no width
)
"""What stands in a text and is not seen in it: a secret may be cut in two by it."""
_SAID_TO_TERMINAL = r"\x1b[\]PX^_][^\x07\x1b]{0,4096}(?:\x07|\x1b\\)?"
"""A command with text of its own, such as a window's title: not seen either, but it may be what holds the secret."""
_HIDING = re.compile(_UNSEEN)
_HIDING_MORE = re.compile(f"{_SAID_TO_TERMINAL}|{_UNSEEN}|\x07")


class _Secret(NamedTuple):
    """How one kind of secret looks. Each pattern is bounded, and is only tried on a text that holds its needle."""

    needle: str
    pattern: re.Pattern[str]
    """Where it has a group, that is the secret; else all of it."""
    placeholder: str


_SECRETS = (
    _Secret("arn:", re.compile(r"arn:aws[a-z-]{0,20}:[^\s\"'<>]{1,512}"), "<arn>"),
    _Secret(
        ".a",
        re.compile(r"(?:https?://)?(?<![\w.-])[\w.-]{1,253}\.(?:awsapps\.com|app\.aws)(?:/[^\s\"'<>]{0,512})?"),
        "<start-url>",
    ),
    _Secret("@", re.compile(r"[^\s@\"'<>(),;:|]{1,64}@[^\s@\"'<>(),;:|]{1,253}"), "<e-mail>"),
    _Secret("%40", re.compile(r"[\w.+-]{1,64}%40[\w.-]{1,253}"), "<e-mail>"),
    _Secret("/home/", re.compile(r"/home/([^\s/:\"'<>|]{1,64})"), "<user>"),
    _Secret("/Users/", re.compile(r"/Users/([^\s/:\"'<>|]{1,64})"), "<user>"),
    _Secret(
        '"',
        re.compile(
            r"(?i)\"[\w-]{0,40}(?:token|secret|password|passwd|api_?key|credential|authorization|user_?code|device_?code)"
            r"[\w-]{0,40}\"\s{0,4}:\s{0,4}\"([^\"\\]{1,4096})"
        ),
        "<secret>",
    ),
    _Secret(
        "",
        re.compile(
            r"(?i)(?:bearer\s{1,4}|(?:token|secret|password|passwd|api[ _-]?key|authorization|code)\s{0,4}[:=]\s{0,4})"
            r"([^\s\"'<>]{8,4096})"
        ),
        "<secret>",
    ),
    _Secret("", re.compile(r"(?<![0-9])(?<![0-9]\.)[0-9]{12}(?![0-9])"), "<account-id>"),
)
_TOKEN_LIKE = re.compile(r"[A-Za-z0-9_+/=-]{20,}")
_CASE_CHANGE = re.compile(r"[a-z][A-Z]")
MOST_CASE_CHANGES = 4
"""In one word: more of them is no name in camel case."""
SHORT_NAME = 3
"""Characters; a name as short as this is only masked where it is a word of its own."""

NO_NAMES: Mapping[str, str] = MappingProxyType({})


def redact(text: str, names: Mapping[str, str] = NO_NAMES) -> str:
    """Return a screen with e-mails, ARNs, start URLs, account numbers, home folders and token-like words masked.

    `names` are masked wherever they stand, each by its placeholder. What is not seen (colours, cursor moves) is taken
    out first, so that nothing hides behind it; lines are cut at `LONGEST_LINE` characters, so that no line can make
    this slow.
    """
    own = _any_of(frozenset(names))
    placeholders = {name.casefold(): placeholder for name, placeholder in names.items()}
    lines = []
    for line in text.split("\n"):
        masked = _redact_line(_HIDING_MORE.sub("", line[:LONGEST_LINE]))
        lines.append(own.sub(lambda found: placeholders.get(found.group().casefold(), "<name>"), masked))
    return "\n".join(lines)


def _redact_line(line: str) -> str:
    for needle, pattern, placeholder in _SECRETS:
        if needle in line:
            line = _replace_each(line, (_span(found) for found in pattern.finditer(line)), placeholder)
    return _replace_each(line, _token_like(line), "<token>")


def _replace_each(line: str, spans: Iterable[tuple[int, int]], placeholder: str) -> str:
    kept, after = [], 0
    for start, end in spans:
        kept += [line[after:start], placeholder]
        after = end
    return "".join([*kept, line[after:]])


def _span(found: re.Match[str]) -> tuple[int, int]:
    return found.span(found.lastindex or 0)


def _token_like(text: str) -> Iterator[tuple[int, int]]:
    """Yield where long random words stand; rules (`-----`) and plain words or paths stay readable."""
    for found in _TOKEN_LIKE.finditer(text):
        word = found.group()
        has_digit = any(character.isdigit() for character in word)
        has_letter = any(character.isalpha() for character in word)
        if (has_digit and has_letter) or len(_CASE_CHANGE.findall(word)) > MOST_CASE_CHANGES:
            yield found.span()


@lru_cache(maxsize=8)
def _any_of(names: frozenset[str]) -> re.Pattern[str]:
    """Return what finds any of the names, the longest first."""
    found = (
        rf"(?<!\w){re.escape(name)}(?!\w)" if len(name) <= SHORT_NAME else re.escape(name)
        for name in sorted(filter(None, names), key=lambda name: (-len(name), name))
    )
    return re.compile("|".join(found) or r"(?!)", re.IGNORECASE)


_JSON_ESCAPE = re.compile(r"\\(?:[bfnrt]|u[0-9a-fA-F]{4})")
_MARKED = re.compile(rb"\x01+")
_STAND_INS = {2: "é", 3: "ẋ", 4: "\U0001d5d1"}
"""For letters that are not ASCII, by their length in UTF-8."""


def disguise(text: str, names: Iterable[str] = ()) -> str:
    """Return the text with every letter of a secret made `x` and every digit `0`, and all else left as it was.

    The same things are secret as for `redact`. The result has as many characters, bytes in UTF-8 and columns, the
    same escape sequences and the same punctuation: it is drawn and parsed as the original is.
    """
    names = frozenset(names)
    characters = list(text)
    for hiding in (_HIDING, _HIDING_MORE) if "\x1b" in text else (_HIDING,):
        for place in _secret_places(text, hiding, names):
            characters[place] = _stand_in(text[place])
    return "".join(characters)


def _secret_places(text: str, hiding: re.Pattern[str], names: frozenset[str]) -> Iterator[int]:
    seen, places = _without(hiding, text)
    view = _JSON_ESCAPE.sub(lambda escape: " " * len(escape.group()), seen)
    secret = bytearray(len(view))
    for start, end in _secrets(view, names):
        secret[start:end] = b"\x01" * (end - start)
    for found in _MARKED.finditer(secret):
        yield from places[found.start() : found.end()]


def _without(hiding: re.Pattern[str], text: str) -> "tuple[str, array[int]]":
    """Return what is left of the text, and where in the text each of its characters stands."""
    kept, places, after = [], array("L"), 0
    for found in hiding.finditer(text):
        kept.append(text[after : found.start()])
        places.extend(range(after, found.start()))
        after = found.end()
    places.extend(range(after, len(text)))
    return "".join([*kept, text[after:]]), places


def _secrets(text: str, names: frozenset[str]) -> Iterator[tuple[int, int]]:
    for needle, pattern, _ in _SECRETS:
        if needle in text:
            yield from (_span(found) for found in pattern.finditer(text))
    yield from _token_like(text)
    yield from (found.span() for found in _any_of(names).finditer(text))


def _stand_in(character: str) -> str:
    if not character.isalnum():
        return character
    if character.isascii():
        return "0" if character.isdigit() else "x"
    if unicodedata.east_asian_width(character) in {"W", "F"}:
        return {3: "字", 4: "𠀀"}[len(character.encode())]
    return _STAND_INS[len(character.encode())]
