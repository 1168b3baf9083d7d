"""`kiro-tui`: the dashboard, wherever there is a terminal for it."""

import os
import sys
from dataclasses import replace

from kiro_tui.clock import SystemClock
from kiro_tui.commands.sessions import SessionFiles
from kiro_tui.commands.shared import open_shared
from kiro_tui.commands.source import OpenSource, open_activity, open_probe
from kiro_tui.domain.month import Count
from kiro_tui.domain.text import clean
from kiro_tui.errors import BUG_EXIT_STATUS, SettingsError, UsageError
from kiro_tui.first_frame import NO_FRAME, FirstFrame
from kiro_tui.poller import Poller
from kiro_tui.settings import Settings, open_state_folder
from kiro_tui.spend.tree import root_of
from kiro_tui.ui.app import Dashboard
from kiro_tui.ui.lent import Lent, Options
from kiro_tui.ui.themes import THEMES

CRASHED = 1
"""What Textual says of an app that ended with an exception, which it has printed."""


def run(settings: Settings, *, demo: bool, frame: FirstFrame = NO_FRAME, open_source: OpenSource = open_probe) -> int:
    """Show the dashboard until the person leaves it, and return the exit status."""
    check_terminal()
    check_theme(settings)
    options = Options(
        settings.theme,
        settings.show_email,
        settings.seconds,
        settings.tmux_title,
        count=Count(settings.workdays),
    )
    if demo:
        from kiro_tui.commands.demo import open_demo  # noqa: PLC0415 - the simulator belongs to the demo alone

        with open_demo() as it:
            options = replace(options, demo=True, intervals=it.intervals)
            poller = Poller(it.source, it.clock, it.interval)
            return _show(Lent(poller, it.clock, options, open_page, it.source, it.sessions, frame))
    clock = SystemClock()
    activity = open_activity(settings, clock)
    with open_shared(settings, clock, open_source) as shared:
        poller = Poller(shared, clock, settings.interval, activity=activity)
        book = SessionFiles(root_of(os.environ), open_state_folder())
        return _show(Lent(poller, clock, options, open_page, shared, book, frame))


def _show(lent: Lent) -> int:
    app = Dashboard(lent)
    app.run()
    return BUG_EXIT_STATUS if app.return_code == CRASHED else app.return_code or 0


def open_page(address: str) -> bool:
    """Show the address in the person's browser; False where there is none but one that would take over the terminal."""
    import webbrowser  # noqa: PLC0415 - no launch should wait for it

    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        return False
    in_terminal = isinstance(browser, webbrowser.GenericBrowser) and not isinstance(
        browser, webbrowser.BackgroundBrowser
    )
    return not in_terminal and browser.open(address)


def check_terminal() -> None:
    """Raise where a dashboard cannot be: Textual reads keys from stdin and draws on stderr, whatever these are."""
    hint = "For figures without a screen: kiro-tui status"
    for stream, name in ((sys.__stdin__, "stdin"), (sys.__stderr__, "stderr")):
        if stream is None or stream.closed or not stream.isatty():
            raise UsageError(f"The dashboard needs a terminal, and {name} is none.", hint)
    if os.environ.get("TERM") == "dumb":
        raise UsageError("The dashboard needs a terminal that can move its cursor, and TERM is dumb.", hint)


def check_theme(settings: Settings) -> None:
    """Raise where the settings name a theme that there is not."""
    names = [theme.name for theme in THEMES]
    if settings.theme not in names:
        where = f"{settings.origin('theme').place}: theme"
        found = clean(settings.theme)
        raise SettingsError(f"{where}: expected {' or '.join(names)}, found {found}", "Correct it there.")
