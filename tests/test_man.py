"""The man page: it says all that can be said on the command line, and roff has nothing to say against it."""

import re
import subprocess
from pathlib import Path

from command_line import DASHBOARD, ROOT, SHARE, generated, options_by_command
from installed import needs

from kiro_tui import __version__
from kiro_tui.errors import BUG_EXIT_STATUS, KiroTuiError
from kiro_tui.settings.catalogue import CATALOGUE, TABLES
from kiro_tui.settings.schema import schema

PAGE = SHARE / "man/man1/kiro-tui.1"
NO_SETTINGS = {
    "--config": "names the file that the settings are in",
    "--demo": "asks for another dashboard, once",
    "--help": "asks for a text",
    "--version": "asks for a text",
    "--line": "asks for another form of the dashboard, once",
}
"""The options of all commands and of the dashboard that no settings file has, and why; the others have theirs in it.
What one command alone takes says what that run is to do, and is no setting either."""


def rendered() -> str:
    done = subprocess.run(
        ["man", "--warnings=w", "--local-file", PAGE],
        env={"PATH": "/usr/bin:/bin", "MANWIDTH": "100", "MAN_KEEP_FORMATTING": "", "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stderr == ""
    return done.stdout


def section(page: str, title: str) -> str:
    """Return what stands under a heading of the rendered page."""
    return re.split(r"(?m)^(?=\S)", page.partition(f"\n{title}\n")[2])[0]


def test_the_kept_page_is_the_one_that_the_parser_gives(tmp_path: Path) -> None:
    assert generated(tmp_path)["man/man1/kiro-tui.1"] == PAGE.read_text(), "make generated, and commit what it wrote"


@needs("man")
def test_the_page_names_every_command_and_every_option() -> None:
    page = rendered()
    commands = section(page, "COMMANDS")
    everywhere = section(page, "OPTIONS OF ALL COMMANDS")

    for command, options in options_by_command().items():
        own = section(page, "OPTIONS") if command == DASHBOARD else said_of(command, commands)
        missing = [each for each in options if not re.search(rf"(?m)(^ +|, ){each}\b", own + everywhere)]
        assert not missing, f"kiro-tui {command}"


def said_of(command: str, commands: str) -> str:
    found = re.search(rf"(?ms)^   kiro-tui {command}\n(.*?)(?=^   \S|\Z)", commands)
    assert found, f"{command} is not in the man page"
    return found[1]


@needs("man")
def test_the_page_says_what_the_shell_and_the_environment_have_to_do_with_it() -> None:
    page = rendered()

    statuses = set(
        map(int, re.findall(r"\b\d+\b", " ".join(re.findall(r"(?m)^ {7}\d.*", section(page, "EXIT STATUS")))))
    )
    assert statuses == {0, 1, BUG_EXIT_STATUS, 130, 143} | {each.exit_status for each in _errors(KiroTuiError)}
    for entry in CATALOGUE.values():
        assert entry.variable is None or entry.variable in section(page, "ENVIRONMENT")
    assert "~/.config/kiro-tui/config.toml" in section(page, "FILES")
    assert "~/.local/state/kiro-tui/" in section(page, "FILES")
    assert f"kiro-tui {__version__}" in page.splitlines()[-1]


def _errors(kind: type[KiroTuiError]) -> set[type[KiroTuiError]]:
    return {each for child in kind.__subclasses__() for each in ({child} if "code" in vars(child) else _errors(child))}


@needs("mandoc")
def test_mandoc_has_nothing_against_the_page() -> None:
    done = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", PAGE], capture_output=True, text=True, check=False)

    # Before a release there is no date, and the page says so; mandoc would rather have one.
    complaints = [line for line in done.stdout.splitlines() if not line.endswith("verbatim: TH unreleased")]
    assert complaints == []


@needs("groff")
def test_groff_has_nothing_against_the_page() -> None:
    done = subprocess.run(["groff", "-man", "-ww", "-z", "-Tutf8", PAGE], capture_output=True, text=True, check=True)

    assert done.stderr == ""


def test_the_page_has_the_day_of_the_release_in_the_changelog_and_none_before() -> None:
    newest = re.search(r"(?m)^## (\S+) \((.+)\)$", (ROOT / "CHANGELOG.md").read_text())
    date = PAGE.read_text().splitlines()[0].split('"')[3].replace(r"\-", "-")

    assert newest is not None
    assert (newest[1], newest[2]) == (__version__, date)


def test_every_option_that_is_a_setting_is_in_the_schema_of_the_settings_file() -> None:
    by_command = options_by_command()
    everywhere = set.intersection(*map(set, by_command.values()))
    long = {option for option in {*everywhere, *by_command[DASHBOARD]} if option.startswith("--")}
    alone = {option for options in by_command.values() for option in options} - {*everywhere, *by_command[DASHBOARD]}
    settings = {entry.option: entry.name for entry in TABLES[""].values()}

    assert long - set(settings) == set(NO_SETTINGS)
    assert not alone & set(settings)
    assert {settings[option] for option in long & set(settings)} <= set(schema()["properties"])
