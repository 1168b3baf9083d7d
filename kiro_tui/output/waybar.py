"""What is known for Waybar: one JSON object with text, tooltip, classes for CSS, and a percentage.

Pure, and writes its JSON itself, as the library takes longer to import than the line may take altogether. Waybar shows
text and tooltip as Pango markup: what came from outside is escaped for that, and then for JSON.
"""

from kiro_tui.domain.card import Card
from kiro_tui.output.words import code_of, rounded, sentences, short

ERROR = "error"
STALE = "stale"
UNKNOWN = "unknown"


def line(card: Card, now: float, *, stale: bool) -> str:
    """Return the object on one line; `class` is a list of the level (`calm`, `warn`, …), and `stale` where it is."""
    tooltip = "\n".join(sentences(card, now))
    if card.figures is None:
        return _object(f"!{code_of(card)}", tooltip, [ERROR], "null")
    first = card.figures.first
    known = first is not None and bool(first.percent)
    classes = [first.level if first is not None and known else UNKNOWN, *([STALE] if stale else [])]
    share = rounded(first.percent, 0) if first is not None and known else "null"
    return _object(short(card.figures, now, stale=stale), tooltip, classes, share)


def _object(text: str, tooltip: str, classes: list[str], percentage: str) -> str:
    listed = ", ".join(_string(each) for each in classes)
    return (
        f'{{"text": {_string(_pango(text))}, "tooltip": {_string(_pango(tooltip))}, '
        f'"class": [{listed}], "percentage": {percentage}}}\n'
    )


def _pango(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _string(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return '"' + "".join(each if each >= " " else f"\\u{ord(each):04x}" for each in escaped) + '"'
