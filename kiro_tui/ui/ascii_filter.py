"""Everything that is drawn, in ASCII: the last thing that happens to a row of cells, whoever drew it.

Must never change how many cells a row takes; which sign stands for which is decided in glyphs.py.
"""

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from kiro_tui.ui.glyphs import in_ascii


class AsciiFilter(LineFilter):
    """Puts a sign of ASCII in the place of every other one."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002 - Textual's signature
        """Return the segments in ASCII."""
        return [Segment(in_ascii(text), style, control) for text, style, control in segments]
