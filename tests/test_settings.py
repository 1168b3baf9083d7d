"""What a person may write, what beats what, and what every mistake is called."""

import os
import stat
import string
import subprocess
import sys
from dataclasses import fields
from datetime import time
from decimal import Decimal
from pathlib import Path

import pytest

from kiro_tui.domain.alerts import Alert
from kiro_tui.domain.quiet import QuietHours
from kiro_tui.domain.state import Way
from kiro_tui.errors import KiroTuiError, SettingsError, UsageError
from kiro_tui.keys import NAMES, Keys
from kiro_tui.settings import DEFAULT, Alerts, Level, Origin, Settings, load, open_state_folder
from kiro_tui.settings.catalogue import CATALOGUE


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A person without settings."""
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def write(home: Path, content: str | bytes) -> Path:
    path = home / ".config/kiro-tui/config.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def refused(options: dict[str, str] | None = None, environment: dict[str, str] | None = None) -> KiroTuiError:
    with pytest.raises((SettingsError, UsageError)) as caught:
        load(options or {}, environment or {})
    return caught.value


def test_without_a_file_all_settings_are_the_defaults(home: Path) -> None:
    settings = load({}, {})

    assert settings == Settings(config=home / ".config/kiro-tui/config.toml")
    assert (settings.timeout, settings.interval, settings.source, settings.show_email) == (20, 300, (), False)
    assert {settings.origin(key) for key in CATALOGUE} == {DEFAULT}


def test_every_key_of_the_file_is_read(home: Path) -> None:
    keys = dict(zip(NAMES, string.ascii_letters, strict=False))
    path = write(
        home,
        """
        kiro_cli = "/opt/kiro-cli"
        source = ["report", "acp"]
        timeout = 5
        interval = 60.5
        kiro_homes = ["~/other", "/mnt/kiro"]
        log = "~/log"
        show_email = true
        theme = "light"
        seconds = true
        glyphs = "ascii"
        reduced_motion = true
        layout = "wide"
        panels = ["forecast", "plan"]
        workdays = "mon-fri"
        tmux_title = false

        [alerts]
        used = [80]
        ends_within = [7, 2]
        costs = [0.1, 3]
        silent_after = 0
        bell = "off"
        terminal = false
        tmux = false
        desktop = false
        command = ["notify", "a b", ""]
        command_timeout = 2.5
        quiet = "22:00-07:30"

        [keys]
        """
        + "\n".join(f'{name} = "{key}"' for name, key in keys.items()),
    )

    settings = load({}, {})

    ways = (Way.REPORT, Way.ACP)
    assert settings == Settings(
        kiro_cli="/opt/kiro-cli",
        source=ways,
        timeout=5,
        interval=60.5,
        kiro_homes=(str(home / "other"), "/mnt/kiro"),
        log=str(home / "log"),
        show_email=True,
        theme="light",
        seconds=True,
        glyphs="ascii",
        reduced_motion=True,
        layout="wide",
        panels=("forecast", "plan"),
        workdays=frozenset(range(5)),
        tmux_title=False,
        alerts=Alerts(
            used=(80,),
            ends_within=(7, 2),
            costs=(Decimal("0.1"), Decimal(3)),
            silent_after=0,
            bell="off",
            terminal=False,
            tmux=False,
            desktop=False,
            command=("notify", "a b", ""),
            command_timeout=2.5,
            quiet=QuietHours(time(22), time(7, 30)),
        ),
        keys=Keys({name: (key,) for name, key in keys.items()}),
        config=path,
        origins=settings.origins,
    )
    assert {settings.origin(key) for key in CATALOGUE} == {Origin(Level.FILE, str(path))}


def test_options_beat_variables_beat_the_file_beats_the_defaults(home: Path) -> None:
    path = write(home, "interval = 100\ntimeout = 10\ntheme = 'light'")
    variables = {"KIRO_TUI_INTERVAL": "200", "KIRO_TUI_TIMEOUT": "11"}

    settings = load({"interval": "400"}, variables)

    assert (settings.interval, settings.timeout, settings.theme, settings.tmux_title) == (400, 11, "light", True)
    assert settings.origin("interval") == Origin(Level.COMMAND_LINE, "--interval")
    assert settings.origin("timeout") == Origin(Level.ENVIRONMENT, "KIRO_TUI_TIMEOUT")
    assert settings.origin("theme") == Origin(Level.FILE, str(path))
    assert settings.origin("tmux_title") == DEFAULT


@pytest.mark.parametrize(
    ("text", "ways"),
    [
        ("auto", ()),
        ("acp", (Way.ACP,)),
        ("panel, report", (Way.PANEL, Way.REPORT)),
        ("acp,report,panel", (Way.ACP, Way.REPORT, Way.PANEL)),
    ],
)
def test_a_source_is_auto_or_a_list_in_order(home: Path, text: str, ways: tuple[Way, ...]) -> None:
    assert load({"source": text}, {}).source == ways
    assert load({}, {"KIRO_TUI_SOURCE": text}).source == ways
    write(home, f"source = '{text}'")
    assert load({}, {}).source == ways
    write(home, f"source = {[part.strip() for part in text.split(',')]}")
    assert load({}, {}).source == ways


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("interval = inf", "inf"),
        ("interval = nan", "nan"),
        ("interval = -5", "-5"),
        ("interval = 29.99", "29.99"),
        ("interval = 1e9", "1e+09"),
        ("interval = true", "true"),
        ('interval = "60"', "'60': did you mean 60?"),
        ("interval = 2026-01-01", "a date or time"),
        ("interval = 12:00:00", "a date or time"),
        ("interval = []", "an empty list"),
        ("interval = {}", "a table"),
        ("interval = 0x" + "f" * 60000, "a huge number"),
        ("timeout = 0", "0"),
        ("timeout = true", "true"),
        ("show_email = 1", "1"),
        ('show_email = "true"', "'true': did you mean true?"),
        ("tmux_title = 'yes'", "'yes': did you mean true?"),
        ("theme = 3", "3"),
        ('theme = ""', "''"),
        ('theme = "a\\u001b[31mb"', "'a[31mb'"),
        ("source = 'report,auto'", "'report,auto'"),
        ("source = 'web'", "'web'"),
        ("source = ['acp', 'acp']", "'acp' twice"),
        ("source = ['acp', 3]", "3 in the list"),
        ("source = []", "an empty list"),
        ("source = true", "true"),
        ("kiro_cli = ''", "''"),
        ("kiro_cli = 7", "7"),
        ('kiro_cli = "a\\u0000b"', "'ab'"),
        ("log = false", "false"),
    ],
)
def test_a_wrong_value_in_the_file_names_the_file_the_key_and_what_was_expected(
    home: Path, line: str, found: str
) -> None:
    path = write(home, line)
    key = line.split(" ", maxsplit=1)[0]

    error = refused()

    assert isinstance(error, SettingsError)
    assert error.message == f"{path}:1: {key}: expected {CATALOGUE[key].kind.expected}, found {found}"
    assert error.hint


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("interval", "soon"),
        ("interval", "29"),
        ("interval", "1_000"),
        ("interval", "٦٠"),
        ("interval", "1e3"),
        ("interval", "inf"),
        ("interval", " 60"),
        ("interval", "9" * 5000),
        ("timeout", "-1"),
        ("show_email", "perhaps"),
        ("source", "report,,acp"),
        ("theme", "\x1b[31m"),
    ],
)
def test_a_wrong_variable_is_named_and_so_is_a_wrong_option(key: str, text: str) -> None:
    variable = "KIRO_TUI_" + key.upper()
    by_variable = refused(environment={variable: text})
    assert isinstance(by_variable, SettingsError)
    assert by_variable.message.startswith(f"{variable}: expected {CATALOGUE[key].kind.expected}, found ")

    by_option = refused({key: text})
    assert isinstance(by_option, UsageError)
    assert by_option.message.startswith(f"--{key.replace('_', '-')}: expected {CATALOGUE[key].kind.expected}, found ")
    assert by_option.message.isprintable()
    assert len(by_option.message) < 200


@pytest.mark.parametrize("text", ["TRUE", "on", "1", "yes"])
def test_a_flag_in_a_variable_is_said_in_any_usual_way(text: str) -> None:
    assert load({}, {"KIRO_TUI_SHOW_EMAIL": text}).show_email
    assert not load({}, {"KIRO_TUI_SHOW_EMAIL": "off"}).show_email


def test_an_empty_variable_is_no_setting() -> None:
    assert load({}, {"KIRO_TUI_INTERVAL": ""}).interval == 300


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("intervall = 60", "1: unknown key 'intervall': did you mean interval?"),
        ("kiro-cli = 'x'", "1: unknown key 'kiro-cli': did you mean kiro_cli?"),
        ("config = 'x'", "1: unknown key 'config': expected kiro_cli, source, timeout"),
        ("[colours]\nplan = 'red'", "1: unknown table 'colours': expected alerts, keys"),
        ('"\\u001b[2J" = 1', "1: unknown key '[2J': expected kiro_cli"),
        ("interval = ", "1: expected TOML, found a mistake: Invalid value (at end of document)"),
        (
            "interval 60",
            "1: expected TOML, found a mistake: Expected '=' after a key in a key/value pair (at line 1, c",
        ),
        ("interval = 60\ninterval = 70", "2: expected TOML, found a mistake: Cannot overwrite a value "),
        ("interval = 6\0", "1: expected TOML, found a mistake: "),
        ("interval = " + "9" * 5000, "expected TOML, found a mistake: "),
        ("x = " + "[" * 60000, "expected keys with simple values, found deep nesting"),
        (b"\xef\xbb\xbfinterval = 60", "expected UTF-8 without a byte order mark, found one at the start"),
        (b"theme = '\xff'", "expected UTF-8, found something else at byte 10"),
        (b"#" * (64 * 1024 + 1), "expected at most 64 KiB, found more"),
    ],
)
def test_a_file_that_is_wrong_as_a_whole_says_why_and_is_left_alone(
    home: Path, content: str | bytes, expected: str
) -> None:
    path = write(home, content)
    before = path.read_bytes()

    error = refused()

    assert error.message.replace(f"{path}:", "", 1).lstrip().startswith(expected), error.message
    assert error.message.isprintable()
    assert path.read_bytes() == before


def test_a_file_of_just_the_greatest_size_is_read(home: Path) -> None:
    write(home, ("interval = 60\n" + "#" * (64 << 10))[: 64 << 10])

    assert load({}, {}).interval == 60


def test_all_mistakes_are_told_at_once(home: Path) -> None:
    path = write(home, "interval = 1\nthemes = 'dark'\n")

    error = refused({"timeout": "x"}, {"KIRO_TUI_SOURCE": "web"})

    assert isinstance(error, SettingsError)
    first, *rest = error.message.split("\n  ")
    assert first == "4 settings are wrong:"
    assert [line.split(":")[0] for line in rest] == [str(path), str(path), "KIRO_TUI_SOURCE", "--timeout"]


def test_a_variable_that_is_nearly_right_is_a_slip_and_others_are_none_of_our_business() -> None:
    error = refused(environment={"KIRO_TUI_INTERVALL": "60"})

    assert error.message == "unknown variable 'KIRO_TUI_INTERVALL': did you mean KIRO_TUI_INTERVAL?"
    assert load({}, {"KIRO_TUI_FROM_THE_FUTURE": "x", "KIRO_TUI_CONFIG": "/dev/null"}).interval == 300


def test_what_a_command_for_alerts_is_told_is_no_slip_when_it_runs_kiro_tui() -> None:
    told = {f"KIRO_TUI_ALERT_{field.name.upper()}": "x" for field in fields(Alert)}

    assert load({"config": "/dev/null"}, told).alerts == Alerts()


def test_a_file_that_was_named_must_exist(tmp_path: Path) -> None:
    for error in (
        refused({"config": str(tmp_path / "none")}),
        refused(environment={"KIRO_TUI_CONFIG": str(tmp_path / "none")}),
    ):
        assert error.message == f"{tmp_path / 'none'}: there is no such settings file"


def test_a_named_file_replaces_the_usual_one_and_the_option_beats_the_variable(home: Path, tmp_path: Path) -> None:
    write(home, "interval = 1")
    other = tmp_path / "other.toml"
    other.write_text("interval = 77")

    settings = load({"config": str(other)}, {"KIRO_TUI_CONFIG": "/nowhere"})

    assert (settings.interval, settings.config) == (77, other)


def test_a_file_that_cannot_be_read_is_an_error_and_not_a_default(home: Path) -> None:
    path = home / ".config/kiro-tui/config.toml"
    path.mkdir(parents=True)

    assert refused().message == f"{path}: cannot be read: Is a directory"


@pytest.mark.parametrize("folder", ["", "relative/folder"])
def test_an_xdg_folder_that_is_not_absolute_is_ignored(
    home: Path, monkeypatch: pytest.MonkeyPatch, folder: str
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", folder)
    monkeypatch.setenv("XDG_STATE_HOME", folder)

    assert load({}, {}).config == home / ".config/kiro-tui/config.toml"
    assert open_state_folder() == home / ".local/state/kiro-tui"


def test_xdg_folders_are_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "c"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "s"))

    assert load({}, {}).config == tmp_path / "c/kiro-tui/config.toml"
    assert open_state_folder() == tmp_path / "s/kiro-tui"


def test_without_any_home_there_are_defaults_and_no_state_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HOME")
    monkeypatch.setattr("os.getuid", lambda: 54321)  # a user without an entry in the password file

    assert load({}, {}) == Settings()
    assert open_state_folder() is None


@pytest.mark.parametrize("home_folder", ["/dev/null", "/proc/nobody"])
def test_a_home_where_nothing_can_be_made_is_no_reason_to_fail(
    monkeypatch: pytest.MonkeyPatch, home_folder: str
) -> None:
    monkeypatch.setenv("HOME", home_folder)

    assert load({}, {}).interval == 300
    assert open_state_folder() is None


def test_the_state_folder_is_the_persons_alone(home: Path) -> None:
    loose = home / ".local/state/kiro-tui"
    loose.mkdir(parents=True)
    loose.chmod(0o755)

    assert open_state_folder() == loose
    assert stat.S_IMODE(loose.stat().st_mode) == 0o700
    loose.rmdir()
    before = os.umask(0)
    try:
        assert open_state_folder() == loose
    finally:
        os.umask(before)
    assert stat.S_IMODE(loose.stat().st_mode) == 0o700


def test_a_folder_below_an_unknown_home_is_not_looked_for_in_the_current_one(monkeypatch: pytest.MonkeyPatch) -> None:
    # What the oldest platformdirs that we accept says where there is no home.
    monkeypatch.setattr("kiro_tui.settings.places.Unix.user_config_path", Path("~/.config/kiro-tui"))
    monkeypatch.setattr("kiro_tui.settings.places.Unix.user_state_path", Path("~/.local/state/kiro-tui"))

    assert load({}, {}).config is None
    assert open_state_folder() is None


def test_a_launch_without_a_settings_file_waits_for_no_parser_and_no_decoder() -> None:
    code = "import sys; from kiro_tui.settings import load; load({}, {'KIRO_TUI_THEME': 'light'}); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert not {"tomllib", "cattrs", "tomlkit", "json", "difflib", "asyncio"} & set(done.stdout.split())
