"""The looks to choose from. Colours live here and in app.tcss, and nowhere else.

Each theme gives the same meanings their colours: the accent is the plan, green is fine, amber is "look soon", red is
"now"; for eyes that do not tell these apart, other colours that they do. Text of every meaning keeps a contrast of at
least 4.5:1 on its background, 7:1 with high contrast; a test computes it.
"""

from textual.theme import BUILTIN_THEMES, Theme

from kiro_tui.choices import THEME_NAMES

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
    panel="#eae7df",
    variables={"dim": "#62667a", "track": "#b9b6ab", "mark": "#1d1f2b", "stale": "#62667a"},
)
HIGH_CONTRAST = Theme(
    name="high-contrast",
    dark=True,
    primary="#c9b8ff",
    secondary="#8be9ff",
    success="#5dff9b",
    warning="#ffd84d",
    error="#ff9a94",
    foreground="#ffffff",
    background="#000000",
    surface="#0c0c0c",
    panel="#1c1c1c",
    variables={"dim": "#d4d4d4", "track": "#8a8a8a", "mark": "#ffffff", "stale": "#d4d4d4"},
)
RED_GREEN_SAFE = Theme(
    name="red-green-safe",
    dark=True,
    primary="#b3a6ff",
    secondary="#56b4e9",
    success="#56b4e9",
    warning="#f7ef80",
    error="#e66d20",
    foreground="#e5e7f0",
    background="#14171f",
    surface="#1a1e28",
    panel="#20242f",
    variables={"dim": "#8f98a8", "track": "#4b5266", "mark": "#f5f6fa", "stale": "#8f98a8"},
)
"""Blue, yellow and orange, as in the palette of Okabe and Ito, the latter two further apart in lightness."""
BLUE_YELLOW_SAFE = Theme(
    name="blue-yellow-safe",
    dark=True,
    primary="#b4c0ee",
    secondary="#3cc8c8",
    success="#2fc4bf",
    warning="#ffd9d4",
    error="#ff5a5f",
    foreground="#e5e7f0",
    background="#16161b",
    surface="#1d1d24",
    panel="#2a2a33",
    variables={"dim": "#9a97a0", "track": "#54525c", "mark": "#f5f6fa", "stale": "#9a97a0"},
)
"""Teal, a pale rose and red: what is left to tell apart is red from teal, and light from dark."""


def themes(*, light_terminal: bool) -> tuple[Theme, ...]:
    """Return all themes, in the order in which they follow each other."""
    known = (DARK, LIGHT, terminal(light=light_terminal), HIGH_CONTRAST, RED_GREEN_SAFE, BLUE_YELLOW_SAFE)
    return tuple(sorted(known, key=lambda theme: THEME_NAMES.index(theme.name)))


def terminal(*, light: bool) -> Theme:
    """Return the theme in the terminal's own 16 colours, on its own background.

    The colours that carry text are those that the usual palettes make readable on such a background. On a light one
    neither green nor yellow is, so that there what is fine looks like any other text.
    """
    own = "ansi_default"
    return Theme(
        name="terminal",
        ansi=True,
        dark=not light,
        primary="ansi_blue" if light else "ansi_bright_magenta",
        secondary="ansi_blue" if light else "ansi_bright_cyan",
        success=own if light else "ansi_bright_green",
        warning="ansi_magenta" if light else "ansi_bright_yellow",
        error="ansi_red" if light else "ansi_bright_red",
        foreground=own,
        background=own,
        surface=own,
        panel=own,
        variables=BUILTIN_THEMES["ansi-light" if light else "ansi-dark"].variables
        | {"dim": own, "track": "ansi_bright_black", "mark": own, "stale": own},
    )


def next_after(name: str) -> str:
    """Return the name of the theme that follows."""
    return THEME_NAMES[(THEME_NAMES.index(name) + 1) % len(THEME_NAMES)]
