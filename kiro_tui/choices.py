"""What a person may choose by name: themes, glyphs, layouts and panels.

Pure, so that the settings can check a name without loading a screen; what a name stands for is decided in ui/.
"""

THEME_NAMES = ("dark", "light", "terminal", "high-contrast", "red-green-safe", "blue-yellow-safe")
"""In the order in which they follow each other. `terminal` has the terminal's own 16 colours; the last two keep the
levels apart for eyes that do not tell red from green (deuteranopia, protanopia) or blue from yellow (tritanopia)."""
GLYPHS = ("auto", "unicode", "ascii")
"""`auto` finds out what the terminal can draw."""
LAYOUTS = ("auto", "compact", "normal", "wide")
"""`auto` goes by the size; whatever is chosen, what does not fit takes a smaller form."""
PANELS = ("plan", "bonuses", "overage", "forecast")
"""In the order in which they stand; one that is not named is hidden."""
