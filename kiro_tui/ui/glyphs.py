"""The signs that the page is drawn with, and what stands for them on a terminal that has only ASCII.

Pure. Pages are composed with the good signs, always; where the terminal lacks them, every sign of everything that is
drawn, also of what came from outside, gives way to another of the same width at the last moment. So nobody who lays
out a row has to know about it. Must never change how many cells a text takes.
"""

import unicodedata
from functools import lru_cache

from wcwidth import wcwidth

BAR, HALF_BAR = "━", "╾"
TRACK = "─"
"""What is not filled is thinner, so that a bar can be read without colour."""
MARK = "┃"
"""Stands on a bar where an even month, or the limit, would be."""
UNSEEN = "╌"
"""A part of the month that nobody has seen."""
TIPS = "▁▂▃▄▅▆▇█"
"""The upper end of a bar that stands, by eighths of a cell."""
NOT_KNOWN = "∙"
"""Stands on the ground where a bar would be."""
DOT, HOLLOW_DOT = "●", "○"
SPINNER = "◐◓◑◒"
CHOSEN, CHOSEN_ROW = "▎", "▸"
QUOTE = "│"
DASH = "–"
"""What is unknown; and from one day to another."""
ELLIPSIS = "…"
SEPARATOR = " · "

STAND_INS = {
    BAR: "=",
    HALF_BAR: "~",
    TRACK: "-",
    MARK: "|",
    UNSEEN: ".",
    **dict(zip(TIPS, ".:-=+*%#", strict=True)),
    NOT_KNOWN: ".",
    DOT: "*",
    HOLLOW_DOT: "o",
    **dict(zip(SPINNER, "|/-\\", strict=True)),
    CHOSEN: ">",
    CHOSEN_ROW: ">",
    QUOTE: "|",
    DASH: "-",
    ELLIPSIS: ".",
    **dict(zip("·•×€£←→↑↓—\u2018\u2019\u201c\u201d", "|*xEL<>^v-''\"\"", strict=True)),
}
"""For every sign that we write ourselves, and for those that others like to write."""
BRAILLE = range(0x2800, 0x2900)
UPPER_DOTS = 0b00011011
"""The dots of a braille cell that lie in its upper half."""
WITHOUT_THEM = ("linux", "vt1", "vt2", "vt3", "cons25", "ansi", "sun")
"""How the names of terminals begin whose own fonts have no such signs, whatever the locale says."""


def ascii_only(choice: str, term: str, encoding: str) -> bool:
    """Say whether to do without the signs: as chosen, or for `auto` where terminal or encoding cannot have them."""
    if choice != "auto":
        return choice == "ascii"
    return encoding.lower().replace("-", "").replace("_", "") != "utf8" or term.startswith(WITHOUT_THEM)


def in_ascii(text: str) -> str:
    """Return the text in ASCII, in as many cells."""
    return text if text.isascii() else "".join(map(_stand_in, text))


@lru_cache(1024)
def _stand_in(sign: str) -> str:
    if sign.isascii() or sign in STAND_INS:
        return STAND_INS.get(sign, sign)
    if ord(sign) in BRAILLE:
        dots = ord(sign) - BRAILLE.start
        upper, lower = dots & UPPER_DOTS, dots & ~UPPER_DOTS
        return ":" if upper and lower else "'" if upper else "." if lower else " "
    name, cells = unicodedata.name(sign, ""), max(wcwidth(sign), 0)
    if name.startswith("BOX DRAWINGS"):
        upright = "VERTICAL" in name or name.endswith(("UP", "DOWN"))
        return "+" if " AND " in name else "|" if upright else "-"
    letter = unicodedata.normalize("NFKD", sign)[:1]
    return letter if cells == 1 and letter.isascii() else "?" * cells
