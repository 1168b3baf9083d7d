"""The looks to choose from. Colours live here and in app.tcss, and nowhere else.

Each theme gives the same meanings their colours: the accent is the plan, green is fine, amber is "look soon", red is
"now". Text of every meaning keeps a contrast of at least 4.5:1 on its background; a test computes it.
"""

from textual.theme import Theme

DARK = Theme(
    name="dark",
    dark=True,
    primary="#a78bfa",
    secondary="#7dd3fc",
    success="#34d399",
    warning="#fbbf24",
    error="#fb7185",
    foreground="#e5e7f0",
    background="#15161e",
    surface="#1b1d27",
    panel="#262938",
    variables={"dim": "#8f95a8", "track": "#4b5066", "mark": "#f5f6fa", "stale": "#8f95a8"},
)
LIGHT = Theme(
    name="light",
    dark=False,
    primary="#6d3fd4",
    secondary="#0369a1",
    success="#04704d",
    warning="#8a5200",
    error="#be123c",
    foreground="#1d1f2b",
    background="#fbfaf7",
    surface="#f2f0ea",
    panel="#e6e3da",
    variables={"dim": "#62667a", "track": "#b9b6ab", "mark": "#1d1f2b", "stale": "#62667a"},
)
THEMES = (DARK, LIGHT)


def next_after(name: str) -> str:
    """Return the name of the theme that `t` goes on to."""
    names = [theme.name for theme in THEMES]
    return names[(names.index(name) + 1) % len(names)] if name in names else names[0]
