"""`kiro-tui --version`: which kiro-tui this is, on which Python, and which kiro-cli it would ask.

Starts nothing and writes nothing: which version that kiro-cli is stands where the last reading was kept. It never
fails; what cannot be found is said, and `kiro-tui doctor` looks closer.
"""

import sys
from collections.abc import Mapping

from kiro_tui import __version__
from kiro_tui.cached.cards import card_path, read_card
from kiro_tui.domain.text import clean
from kiro_tui.errors import KiroTuiError, NotInstalled
from kiro_tui.probe.finding import find
from kiro_tui.scope import key_of, scope
from kiro_tui.settings import Settings, load
from kiro_tui.settings.places import state_folder
from kiro_tui.streams import write


def run(options: Mapping[str, str], environment: Mapping[str, str]) -> int:
    """Say it, for these options of all commands; programs read the first line."""
    python = f"Python {sys.version.split()[0]}, {clean(sys.executable)}"
    write(f"kiro-tui {__version__}\n{python}\n{_kiro_cli(options, environment)}\n")
    return 0


def _kiro_cli(options: Mapping[str, str], environment: Mapping[str, str]) -> str:
    try:
        settings = load(options, environment)
        path = find(environment, settings.kiro_cli)
    except NotInstalled as error:
        return error.message
    except KiroTuiError:
        return "kiro-cli was not looked for, as a setting is wrong: kiro-tui config --check"
    version = _last_seen(settings, environment)
    return f"kiro-cli {version} when it was last asked, {clean(path)}" if version else f"kiro-cli, {clean(path)}"


def _last_seen(settings: Settings, environment: Mapping[str, str]) -> str | None:
    folder = state_folder()
    if folder is None:
        return None
    key = key_of(scope(settings.kiro_cli, [way.value for way in settings.source], environment))
    card = read_card(card_path(str(folder), key))
    return clean(card.figures.version) if card is not None and card.figures is not None else None
