"""The note that names the rows of a report that were not understood.

Pure. What a row says is shown to people and stored, so secrets in it are masked as in a bug report.
"""

import re
from collections.abc import Sequence

from kiro_tui.domain.text import clean, redact
from kiro_tui.domain.usage import Note, NoteCode
from kiro_tui.probe.reading.shapes import BAR_GLYPHS

MOST_NAMED = 3
"""Rows that the note repeats; the others are only counted."""
QUOTED = 80
"""Characters of each."""
_LONG_BAR = re.compile(rf"([{BAR_GLYPHS}])\1{{3,}}")


def unread_note(rows: Sequence[str], *, part_of: str = "report") -> tuple[Note, ...]:
    """Return one note for all rows, none where there are no rows."""
    if not rows:
        return ()
    count = "1 row" if len(rows) == 1 else f"{len(rows)} rows"
    named = ", ".join(f"“{_quote(row)}”" for row in rows[:MOST_NAMED])
    more = f" and {len(rows) - MOST_NAMED} more" if len(rows) > MOST_NAMED else ""
    verb = "was" if len(rows) == 1 else "were"
    return (Note(NoteCode.UNREAD_ROWS, f"{count} of the {part_of} {verb} not understood: {named}{more}."),)


def _quote(row: str) -> str:
    return clean(redact(_LONG_BAR.sub(r"\1\1\1", row)), QUOTED)
