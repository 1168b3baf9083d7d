"""How a person likes the page: its layout, its panels, and how calm it is. A value, and what a wish makes of it.

Pure. Must never know what stands in a panel.
"""

from dataclasses import dataclass, replace

from kiro_tui.choices import LAYOUTS, PANELS


@dataclass(frozen=True, slots=True)
class Taste:
    """What of the page is a matter of taste."""

    layout: str = LAYOUTS[0]
    panels: tuple[str, ...] = PANELS
    """Those that are shown, in their order."""
    line: bool = False
    """One row, however much room there is."""
    still: bool = False
    """Nothing moves by itself."""

    @property
    def hidden(self) -> tuple[str, ...]:
        """The panels that are not shown."""
        return tuple(panel for panel in PANELS if panel not in self.panels)

    def with_next_layout(self) -> "Taste":
        """Return the taste with the layout that follows."""
        return replace(self, layout=LAYOUTS[(LAYOUTS.index(self.layout) + 1) % len(LAYOUTS)])

    def with_panel_shown_or_hidden(self, panel: str) -> "Taste":
        """Return the taste with the panel hidden, or shown again at the end; the last one stays."""
        rest = tuple(each for each in self.panels if each != panel)
        return replace(self, panels=(rest or self.panels) if panel in self.panels else (*rest, panel))

    def with_panel_further_up(self, panel: str) -> "Taste":
        """Return the taste with the panel one place nearer to the top."""
        place = self.panels.index(panel)
        rest = [each for each in self.panels if each != panel]
        rest.insert(max(place - 1, 0), panel)
        return replace(self, panels=tuple(rest))
