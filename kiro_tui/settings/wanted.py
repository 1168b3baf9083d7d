"""Everything that a person can set: each key with its type, its default and one sentence about it.

This is the one list of settings: the file, the variables, the schema for editors, the file that `config --init`
writes and the documentation are all held against it. A table of the file is a value within the value.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Annotated

from kiro_tui.choices import GLYPHS, LAYOUTS, PANELS, THEME_NAMES
from kiro_tui.domain.month import EVERY_DAY
from kiro_tui.domain.quiet import QuietHours
from kiro_tui.domain.state import SHORTEST_INTERVAL, Way
from kiro_tui.keys import Keys
from kiro_tui.settings.kinds import money, number, one_of, several, whole
from kiro_tui.settings.values import COMMAND, DAYS_OF_WEEK, FILE, FLAG, FOLDERS, HOURS, PROGRAM, WAYS

HOUR = 3600.0
WEEK = 7 * 24 * HOUR
MINUTES_A_WEEK = 7 * 24 * 60
PERCENTS = several(whole(1, 1000, "a percent"), "a list of whole percents from 1 to 1000, each once")
DAYS = several(whole(1, 366, "days"), "a list of whole days from 1 to 366, each once")
COSTS = several(money(1_000_000), "a list of amounts above 0, each once")
PARTS = several(one_of(PANELS), f"a list of some of {', '.join(PANELS)}, each once", at_least=1)
BELLS = ("once", "off")


@dataclass(frozen=True, slots=True)
class Alerts:
    """When a person is told although they look elsewhere, and by which ways."""

    used: Annotated[tuple[int, ...], PERCENTS, "How much of an allowance must be used for an alert"] = (
        50,
        75,
        90,
        100,
    )
    ends_within: Annotated[tuple[int, ...], DAYS, "How soon credits must end for an alert"] = (3, 1)
    costs: Annotated[tuple[Decimal, ...], COSTS, "What overage must cost for an alert, in its currency"] = (
        Decimal(5),
        Decimal(20),
        Decimal(50),
    )
    silent_after: Annotated[
        float, number(0, MINUTES_A_WEEK, "minutes"), "How long there must be no reading for an alert (0 is never)"
    ] = 60.0
    bell: Annotated[str, one_of(BELLS), "How often an alert rings the terminal's bell"] = "once"
    terminal: Annotated[bool, FLAG, "Whether the terminal notifies, where it knows how"] = True
    tmux: Annotated[bool, FLAG, "Whether tmux shows alerts in its status line"] = True
    desktop: Annotated[bool, FLAG, "Whether the desktop notifies, where there is one"] = True
    command: Annotated[tuple[str, ...], COMMAND, "What to run for each alert, without a shell"] = ()
    command_timeout: Annotated[float, number(1, HOUR, "seconds"), "Time limit of that program"] = 10.0
    quiet: Annotated[QuietHours | None, HOURS, "When to hold alerts back, in local time"] = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the person wants; every value has been checked."""

    kiro_cli: Annotated[str | None, PROGRAM, "The kiro-cli to ask, where it is not in PATH or a usual place"] = None
    source: Annotated[tuple[Way, ...], WAYS, "Ways of asking"] = ()
    timeout: Annotated[float, number(1, HOUR, "seconds"), "Time limit of one answer"] = 20.0
    interval: Annotated[
        float,
        number(SHORTEST_INTERVAL, WEEK, "seconds"),
        "Time between two questions (left out, it follows the use of Kiro)",
    ] = 300.0
    kiro_homes: Annotated[
        tuple[str, ...], FOLDERS, "Further homes of Kiro with sessions, beside KIRO_HOME and ~/.kiro"
    ] = ()
    log: Annotated[str | None, FILE, "Where to write down what happens"] = None
    show_email: Annotated[bool, FLAG, "Whether to show the whole e-mail address"] = False
    theme: Annotated[str, one_of(THEME_NAMES), "Colours"] = THEME_NAMES[0]
    glyphs: Annotated[str, one_of(GLYPHS), "Characters of bars and charts"] = GLYPHS[0]
    reduced_motion: Annotated[bool, FLAG, "Whether to let nothing on the screen move by itself"] = False
    layout: Annotated[str, one_of(LAYOUTS), "How much the page shows (auto goes by its size)"] = LAYOUTS[0]
    panels: Annotated[tuple[str, ...], PARTS, "Parts of the page, in order; others are hidden"] = PANELS
    workdays: Annotated[frozenset[int], DAYS_OF_WEEK, "Days that count for the pace and for what may be used a day"] = (
        EVERY_DAY
    )
    """From 0 for Monday."""
    seconds: Annotated[bool, FLAG, "Whether to say ages to the second, at the cost of drawing every second"] = False
    tmux_title: Annotated[bool, FLAG, "Whether to say the gauge in the title of the tmux pane"] = True
    alerts: Alerts = Alerts()
    keys: Keys = field(default_factory=Keys)
    """The table of keys has a key for each command, and these stand in kiro_tui/keys.py."""

    def value(self, key: str) -> object:
        """Return the value of a key, as in `alerts.bell`."""
        table, _, name = key.rpartition(".")
        holder = getattr(self, table) if table else self
        return holder.of(name) if isinstance(holder, Keys) else getattr(holder, name)
