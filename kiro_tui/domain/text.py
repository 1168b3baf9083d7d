"""Text that came from outside, made fit to be shown, kept or sent.

Pure. `clean` is for names and labels of one line: what comes out can move no cursor, hide nothing and break no
layout. `redact` is for whole screens that leave this machine in a bug report. Both take linear time whatever they
are given, and neither ever raises.
"""

import re
import unicodedata
from collections.abc import Iterator
from itertools import islice

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


_ESCAPE_SEQUENCE = re.compile(r"\x1b\[[0-?]{0,64}[ -/]{0,4}[@-~]")

# Each pattern is bounded, and is only tried on a line that holds its needle: most lines hold none.
_SECRETS: tuple[tuple[str, re.Pattern[str], str], ...] = (
    ("arn:", re.compile(r"arn:aws[a-z-]{0,20}:[^\s\"'<>]{1,512}"), "<arn>"),
    (
        ".a",
        re.compile(r"(?:https?://)?(?<![\w.-])[\w.-]{1,253}\.(?:awsapps\.com|app\.aws)(?:/[^\s\"'<>]{0,512})?"),
        "<start-url>",
    ),
    ("@", re.compile(r"[^\s@\"'<>(),;:|]{1,64}@[^\s@\"'<>(),;:|]{1,253}"), "<e-mail>"),
    ("/home/", re.compile(r"/home/[^\s/:\"'<>|]{1,64}"), "/home/<user>"),
    ("/Users/", re.compile(r"/Users/[^\s/:\"'<>|]{1,64}"), "/Users/<user>"),
    (
        "",
        re.compile(
            r"(?i)(bearer\s{1,4}|(?:token|secret|password|passwd|api[ _-]?key|authorization|code)\s{0,4}[:=]\s{0,4})"
            r"[^\s\"'<>]{8,4096}"
        ),
        r"\1<secret>",
    ),
    ("", re.compile(r"(?<![0-9])[0-9]{12}(?![0-9])"), "<account-id>"),
)

_TOKEN_LIKE = re.compile(r"[A-Za-z0-9_+/=-]{20,}")


def redact(text: str) -> str:
    """Return a screen with e-mails, ARNs, start URLs, account numbers, home folders and token-like words masked.

    Colours and cursor moves are taken out first, so that nothing hides behind a sequence in its middle; lines are
    cut at `LONGEST_LINE` characters, so that no line can make this slow.
    """
    return "\n".join(_redact_line(_ESCAPE_SEQUENCE.sub("", line[:LONGEST_LINE])) for line in text.split("\n"))


def _redact_line(line: str) -> str:
    for needle, pattern, placeholder in _SECRETS:
        if needle in line:
            line = pattern.sub(placeholder, line)
    return _TOKEN_LIKE.sub(_mask_if_random, line)


def _mask_if_random(found: re.Match[str]) -> str:
    """Mask a long word of letters and digits; rules (`-----`) and plain words or paths stay readable."""
    word = found.group()
    has_digit = any(character.isdigit() for character in word)
    has_letter = any(character.isalpha() for character in word)
    return "<token>" if has_digit and has_letter else word
