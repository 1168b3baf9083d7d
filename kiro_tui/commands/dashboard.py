"""`kiro-tui`: the dashboard, wherever there is a terminal for it."""

import os
import sys
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from locale import getencoding
from pathlib import Path

from kiro_tui.alerts.crier import Crier
from kiro_tui.alerts.watcher import Watcher
from kiro_tui.clock import SystemClock
from kiro_tui.commands.crier import open_crier, rules_of
from kiro_tui.commands.sessions import SessionFiles
from kiro_tui.commands.shared import open_shared
from kiro_tui.commands.source import OpenSource, open_activity, open_probe
from kiro_tui.domain.month import Count
from kiro_tui.errors import BUG_EXIT_STATUS, UsageError
from kiro_tui.first_frame import NO_FRAME, FirstFrame
from kiro_tui.poller import Poller
from kiro_tui.settings import Level, Settings, open_state_folder
from kiro_tui.spend.root import sources_of
from kiro_tui.ui.app import Dashboard
from kiro_tui.ui.glyphs import ascii_only
from kiro_tui.ui.lent import Lent, Options, Save
from kiro_tui.ui.taste import Taste

CRASHED = 1
"""What Textual says of an app that ended with an exception, which it has printed."""
LIGHT_COLOURS = {"7", "15"}
"""Of the 16."""


def run(
    settings: Settings,
    *,
    demo: bool,
    line: bool = False,
    frame: FirstFrame = NO_FRAME,
    open_source: OpenSource = open_probe,
) -> int:
    """Show the dashboard until the person leaves it, and return the exit status."""
    check_terminal()
    options = _options(settings, os.environ, line=line)
    if demo:
        from kiro_tui.commands.demo import open_demo  # noqa: PLC0415 - the simulator belongs to the demo alone

        with open_demo() as it:
            options = replace(options, demo=True, intervals=it.intervals)
            poller = Poller(it.source, it.clock, it.interval)
            watcher = Watcher(it.source, it.clock, rules_of(settings.alerts))
            lent = Lent(poller, it.clock, options, open_page, it.source, it.sessions, frame, watcher=watcher)
            return _show(
                replace(lent, open_crier=lambda _write: Crier((), it.clock))
            )  # a demo's alerts stay on its page
    clock = SystemClock()
    activity = open_activity(settings, clock)
    with open_shared(settings, clock, open_source) as shared:
        poller = Poller(shared, clock, settings.interval, activity=activity)
        book = SessionFiles(sources_of(os.environ, settings.kiro_homes), open_state_folder())
        watcher = Watcher(shared, clock, rules_of(settings.alerts))
        crier = partial(open_crier, settings.alerts, clock, os.environ)
        lent = Lent(poller, clock, options, open_page, shared, book, frame, _saving(settings), watcher, crier)
        return _show(lent)


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


def _options(settings: Settings, environment: Mapping[str, str], *, line: bool) -> Options:
    return Options(
        settings.theme,
        is_light(environment),
        settings.show_email,
        settings.seconds,
        settings.tmux_title,
        count=Count(settings.workdays),
        ascii_only=ascii_only(settings.glyphs, environment.get("TERM", ""), getencoding()),
        taste=Taste(settings.layout, settings.panels, line, settings.reduced_motion),
        keys=settings.keys,
    )


def is_light(environment: Mapping[str, str]) -> bool:
    """Say whether the terminal tells (by COLORFGBG, where it sets that) that its background is light."""
    return environment.get("COLORFGBG", "").rpartition(";")[2] in LIGHT_COLOURS


def _saving(settings: Settings) -> Save | None:
    """Return what keeps settings; None where there is no place for a settings file."""
    path = settings.config
    if path is None:
        return None

    def keep(values: Mapping[str, object]) -> str:
        from kiro_tui.settings.saving import save  # noqa: PLC0415 - no launch should wait for it

        save(path, values)
        above = {Level.ENVIRONMENT, Level.COMMAND_LINE}
        beaten = [origin.place for key in values if (origin := settings.origin(key)).level in above]
        where = short_path(path, os.environ.get("HOME", ""))
        return f"{where}; until it is gone, {' and '.join(beaten)} beats it" if beaten else where

    return keep


def short_path(path: Path, home: str) -> str:
    """Return the path with `~` for the home that it lies in."""
    return f"~/{path.relative_to(home)}" if home and path.is_relative_to(home) else str(path)
