"""Every theme can be read, by all eyes: contrast and difference are computed from the colours themselves."""

import re
from pathlib import Path

import pytest
from colours import contrast, nearest
from textual.theme import Theme

from kiro_tui.choices import THEME_NAMES
from kiro_tui.ui import app
from kiro_tui.ui.line import Role
from kiro_tui.ui.themes import next_after, terminal, themes

STYLES = (Path(app.__file__).parent / "app.tcss").read_text(encoding="utf-8")
COLOUR_OF = {Role(role): variable for role, variable in re.findall(r"\.rows--(\w+) +{ color: \$(\w+);", STYLES)}
NO_TEXT = {Role.TRACK}
"""What is not filled of a bar: it is thin, and nothing is written in it."""
BEHIND = ("background", "surface", "panel")
MIXED = [theme for theme in themes(light_terminal=False) if not theme.ansi]
SURELY_APART = 30.0
"""Ten times what an untrained eye notices."""

XTERM = (
    "000000 cd0000 00cd00 cdcd00 0000ee cd00cd 00cdcd e5e5e5 7f7f7f ff0000 00ff00 ffff00 5c5cff ff00ff 00ffff ffffff"
)
VGA = "000000 aa0000 00aa00 aa5500 0000aa aa00aa 00aaaa aaaaaa 555555 ff5555 55ff55 ffff55 5555ff ff55ff 55ffff ffffff"
NAMES = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")


def colours_of(theme: Theme) -> dict[str, str]:
    return {**theme.to_color_system().generate(), **theme.variables}


def test_the_themes_are_those_that_can_be_chosen_and_follow_each_other() -> None:
    assert tuple(theme.name for theme in themes(light_terminal=False)) == THEME_NAMES
    assert [next_after(name) for name in THEME_NAMES] == [*THEME_NAMES[1:], THEME_NAMES[0]]


def test_every_role_has_its_colour_in_the_styles() -> None:
    assert set(COLOUR_OF) == set(Role)


@pytest.mark.parametrize("theme", MIXED, ids=lambda theme: theme.name)
def test_text_of_every_role_can_be_read_on_whatever_is_behind_it(theme: Theme) -> None:
    colours = colours_of(theme)
    enough = 7.0 if theme.name == "high-contrast" else 4.5
    poor = {
        (role, behind): round(contrast(colours[COLOUR_OF[role]], colours[behind]), 2)
        for role in set(Role) - NO_TEXT
        for behind in BEHIND
        if contrast(colours[COLOUR_OF[role]], colours[behind]) < enough
    }

    assert poor == {}


@pytest.mark.parametrize("palette", [XTERM, VGA], ids=["xterm", "vga"])
@pytest.mark.parametrize("light", [False, True], ids=["dark", "light"])
def test_text_in_the_terminals_own_colours_can_be_read_with_the_usual_palettes(palette: str, light: bool) -> None:  # noqa: FBT001 - a parametrized value
    names = [f"ansi_{name}" for name in NAMES] + [f"ansi_bright_{name}" for name in NAMES]
    own = dict(zip(names, (f"#{colour}" for colour in palette.split()), strict=True))
    behind = own["ansi_bright_white" if light else "ansi_black"]
    own["ansi_default"] = own["ansi_black" if light else "ansi_white"]
    colours = colours_of(terminal(light=light))
    poor = {
        role: round(contrast(own[colours[COLOUR_OF[role]]], behind), 2)
        for role in set(Role) - NO_TEXT
        if contrast(own[colours[COLOUR_OF[role]]], behind) < 4.5
    }

    assert poor == {}


def levels_of(name: str) -> dict[str, str]:
    theme = next(theme for theme in MIXED if theme.name == name)
    return {level: colours_of(theme)[level] for level in ("success", "warning", "error")}


@pytest.mark.parametrize(
    ("name", "eyes"),
    [
        ("red-green-safe", "protanopia"),
        ("red-green-safe", "deuteranopia"),
        ("blue-yellow-safe", "tritanopia"),
        *((theme.name, "all colours") for theme in MIXED),
    ],
)
def test_the_levels_stay_apart_for_the_eyes_that_a_theme_is_made_for(name: str, eyes: str) -> None:
    distance, _ = nearest(levels_of(name), eyes)

    assert distance >= SURELY_APART


def test_that_some_eyes_need_a_theme_of_their_own_shows_in_these_numbers() -> None:
    assert nearest(levels_of("dark"), "deuteranopia")[0] < 10
    assert nearest(levels_of("light"), "protanopia")[0] < 15
    assert nearest(levels_of("high-contrast"), "tritanopia")[0] < SURELY_APART
