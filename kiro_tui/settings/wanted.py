"""Everything that a person can set: each key with its type, its default and one sentence about it.

This is the one list of settings: the file, the variables, the schema for editors, the file that `config --init`
writes and the documentation are all held against it. A table of the file is a value within the value.
"""

from dataclasses import dataclass, field
from datetime import time
from decimal import Decimal
from typing import Annotated

from kiro_tui.choices import GLYPHS, LAYOUTS, PANELS, THEME_NAMES
from kiro_tui.domain.month import EVERY_DAY
from kiro_tui.domain.state import SHORTEST_INTERVAL, Way
from kiro_tui.keys import Keys
from kiro_tui.settings.kinds import (
    COMMAND,
    DAYS_OF_WEEK,
    FILE,
    FLAG,
    HOURS,
    PROGRAM,
    WAYS,
    money,
    number,
    one_of,
    several,
    whole,
)

HOUR = 3600.0
WEEK = 7 * 24 * HOUR
MINUTES_A_WEEK = 7 * 24 * 60
PERCENTS = several(whole(1, 1000, "a percent"), "a list of whole percents from 1 to 1000, each once")
DAYS = several(whole(1, 366, "days"), "a list of whole days from 1 to 366, each once")
COSTS = several(money(1_000_000), "a list of amounts of money above 0, each once")
PARTS = several(one_of(PANELS), f"a list of some of {', '.join(PANELS)}, each once", at_least=1)
BELLS = ("once", "off")


@dataclass(frozen=True, slots=True)
class Alerts:
    """When a person is told although they look elsewhere, and by which ways."""

    used: Annotated[tuple[int, ...], PERCENTS, "Tell when so many percent of an allowance are used."] = (
        50,
        75,
        90,
        100,
    )
    ends_within: Annotated[tuple[int, ...], DAYS, "Tell when credits end within so many days."] = (3, 1)
    costs: Annotated[tuple[Decimal, ...], COSTS, "Tell when overage costs so much, in its currency."] = (
        Decimal(5),
        Decimal(20),
        Decimal(50),
    )
    silent_after: Annotated[
        float, number(0, MINUTES_A_WEEK, "minutes"), "Tell when there was no reading for so many minutes; 0 is never."
    ] = 60.0
    bell: Annotated[str, one_of(BELLS), "Ring the terminal's bell once for each alert, or never."] = "once"
    terminal: Annotated[bool, FLAG, "Notify by the terminal, where it knows how."] = True
    tmux: Annotated[bool, FLAG, "Notify in the status line of tmux."] = True
    desktop: Annotated[bool, FLAG, "Notify on the desktop, where there is one."] = True
    command: Annotated[tuple[str, ...], COMMAND, "Run this program with these arguments; no shell reads them."] = ()
    command_timeout: Annotated[float, number(1, HOUR, "seconds"), "End that program after so many seconds."] = 10.0
    quiet: Annotated[
        tuple[time, time] | None, HOURS, 'Tell nothing between these local times, as in "22:00-07:00".'
    ] = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the person wants; every value has been checked."""

    kiro_cli: Annotated[
        str | None, PROGRAM, "The kiro-cli to ask; without it, it is looked for in PATH and the usual places."
    ] = None
    source: Annotated[tuple[Way, ...], WAYS, "The ways of asking, in order; auto chooses a safe one."] = ()
    timeout: Annotated[float, number(1, HOUR, "seconds"), "Seconds for one answer."] = 20.0
    interval: Annotated[
        float,
        number(SHORTEST_INTERVAL, WEEK, "seconds"),
        "Seconds between two questions; unless it is set, it follows the use of Kiro.",
    ] = 300.0
    log: Annotated[str | None, FILE, "Write down there what happens."] = None
    show_email: Annotated[bool, FLAG, "Show the whole e-mail address."] = False
    theme: Annotated[str, one_of(THEME_NAMES), "The colours."] = THEME_NAMES[0]
    glyphs: Annotated[str, one_of(GLYPHS), "The characters that bars and charts are drawn with."] = GLYPHS[0]
    reduced_motion: Annotated[bool, FLAG, "Let nothing on the screen move by itself."] = False
    layout: Annotated[str, one_of(LAYOUTS), "How much the page shows; auto goes by its size."] = LAYOUTS[0]
    panels: Annotated[tuple[str, ...], PARTS, "The parts of the page in order; what is left out is hidden."] = PANELS
    workdays: Annotated[
        frozenset[int], DAYS_OF_WEEK, "The days that count for the pace and for what may be used a day."
    ] = EVERY_DAY
    """From 0 for Monday."""
    seconds: Annotated[bool, FLAG, "Say ages and countdowns to the second, at the cost of drawing every second."] = (
        False
    )
    tmux_title: Annotated[bool, FLAG, "Say the gauge in the title of the tmux pane."] = True
    alerts: Alerts = Alerts()
    keys: Keys = field(default_factory=Keys)
    """The table of keys has a key for each command, and these stand in kiro_tui/keys.py."""
