"""`kiro-tui config`: what is set, and all the help with the file, also where the file is broken."""

import json
import stat
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiro_tui.cli import main
from kiro_tui.commands.config import Asked, run
from kiro_tui.errors import SettingsError, UsageError
from kiro_tui.settings import Settings, load
from kiro_tui.settings.catalogue import CATALOGUE
from kiro_tui.settings.template import EXAMPLES

BROKEN = "interval = 1\nthem = 'dark'\n"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A person without settings."""
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


def usual(home: Path, content: str | None = None) -> Path:
    path = home / ".config/kiro-tui/config.toml"
    if content is not None:
        path.parent.mkdir(parents=True)
        path.write_text(content)
    return path


# What is set ----------------------------------------------------------------------------------------------------------


def test_every_setting_is_shown_with_where_it_came_from(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = usual(home, "interval = 60\n[alerts]\nbell = 'off'\n[keys]\nrefresh = ['f5', 'R']\n")

    assert run(Asked(), {"timeout": "5"}, {"KIRO_TUI_THEME": "light", "KIRO_TUI_ALERTS_USED": "80,95"}) == 0

    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"Settings file: {path}"
    shown = [line.split("   ") for line in lines if "   " in line]
    assert [cells[0] for cells in shown] == [key.rpartition(".")[2] for key in CATALOGUE]
    for expected in (
        ["timeout", "5", "--timeout"],
        ["interval", "60", "file"],
        ["theme", '"light"', "KIRO_TUI_THEME"],
        ["kiro_cli", "not set", "default"],
        ["used", "[80, 95]", "KIRO_TUI_ALERTS_USED"],
        ["bell", '"off"', "file"],
        ["refresh", '["f5", "R"]', "file"],
        ["quit", '"q"', "default"],
    ):
        assert expected in [[cell.strip() for cell in cells if cell.strip()] for cells in shown]
    assert {line.rindex("   ") for line in lines if line.endswith("   default") and "panels" not in line} == {42}
    assert max(map(len, lines[1:])) <= 80


def test_what_is_set_is_harmless_to_look_at(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = home / "a\x1b[2Jb\u202e"
    usual(folder, 'kiro_cli = "/x\\u001b[31m\\u202e\\u0085"\n')

    assert run(Asked(), {"config": str(usual(folder))}, {}) == 0

    out = capsys.readouterr().out
    assert out.replace("\n", "").isprintable()
    assert "b/.config" in out


def test_programs_get_every_setting_with_its_level_and_place(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = usual(home, "interval = 60\n")

    assert run(Asked(json=True), {}, {"KIRO_TUI_ALERTS_QUIET": "22:00-7:00"}) == 0

    out = capsys.readouterr().out
    document = json.loads(out)
    assert out.count("\n") == 1
    assert (document["schema"], document["file"], list(document["settings"])) == (1, str(path), list(CATALOGUE))
    settings = document["settings"]
    assert settings["interval"] == {"value": 60, "from": "file", "place": str(path)}
    assert settings["alerts.quiet"] == {"value": "22:00-07:00", "from": "environment", "place": "KIRO_TUI_ALERTS_QUIET"}
    assert settings["log"] == {"value": None, "from": "default", "place": None}
    assert settings["keys.help"] == {"value": ["?", "f1"], "from": "default", "place": None}


def test_what_is_shown_can_be_written_into_the_file_and_is_then_the_same(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(Asked(json=True), {}, {})
    shown = json.loads(capsys.readouterr().out)["settings"]
    lines = [f"{key} = {json.dumps(each['value'])}" for key, each in shown.items() if each["value"] is not None]
    path = usual(home, "\n".join(lines))

    settings = load({}, {})

    assert {settings.origin(key).place for key in CATALOGUE} == {str(path), ""}
    assert all(settings.value(key) == Settings().value(key) for key in CATALOGUE)


def test_without_a_home_the_defaults_are_shown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("HOME")
    monkeypatch.setattr("os.getuid", lambda: 54321)  # a user without an entry in the password file

    assert run(Asked(), {}, {}) == 0

    assert capsys.readouterr().out.startswith("Settings file: none, as there is no home to look in\n")
    for asked in (Asked(path=True), Asked(init=True)):
        with pytest.raises(SettingsError, match="no home to keep settings in"):
            run(asked, {}, {})


# A file to start from -------------------------------------------------------------------------------------------------


def test_a_file_is_started_for_the_persons_eyes_only_and_changes_nothing(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(Asked(init=True), {}, {}) == 0

    path = usual(home)
    assert capsys.readouterr().out == (
        f"{path} is written. Every setting in it is a comment until you take its # away.\n"
    )
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert load({}, {}) == Settings(config=path)


def uncommented(text: str) -> Iterator[str]:
    for line in text.splitlines():
        if line.startswith("# ") and " = " in line:
            yield line.removeprefix("# ")
        elif not line.startswith("#"):
            yield line


def test_every_key_of_the_started_file_stands_in_it_with_its_default(home: Path) -> None:
    run(Asked(init=True), {}, {})
    path = usual(home)
    lines = [line for line in uncommented(path.read_text()) if line.split(" = ")[0] not in EXAMPLES]
    path.write_text("\n".join(lines))

    settings = load({}, {})

    assert {key for key in CATALOGUE if settings.origin(key).place} == set(CATALOGUE) - set(EXAMPLES)
    assert all(settings.value(key) == Settings().value(key) for key in CATALOGUE)


def test_each_key_of_the_started_file_is_explained_in_the_line_above_it(home: Path) -> None:
    run(Asked(init=True), {}, {})
    lines = usual(home).read_text().splitlines()
    keys = [number for number, line in enumerate(lines) if line.startswith("# ") and " = " in line]

    assert len(keys) == len(CATALOGUE)
    assert all(lines[number - 1].startswith("# ") and lines[number - 1].endswith(".") for number in keys)
    tomllib.loads("\n".join(uncommented("\n".join(lines))))


@pytest.mark.parametrize("content", ["theme = 'light'\n", BROKEN, ""])
def test_a_file_that_is_there_is_never_written_over(home: Path, content: str) -> None:
    path = usual(home, content)

    with pytest.raises(UsageError) as caught:
        run(Asked(init=True), {}, {})

    assert caught.value.message == f"{path} is there already."
    assert path.read_text() == content


@pytest.mark.parametrize("place", ["/proc/nobody/config.toml", "/dev/null/config.toml"])
def test_a_place_where_no_file_can_be_is_named(place: str) -> None:
    with pytest.raises(UsageError, match=r"cannot be made"):
        run(Asked(init=True), {"config": place}, {})


def test_a_named_file_is_the_one_that_is_started_and_pointed_at(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "folder/mine.toml"

    assert run(Asked(init=True), {}, {"KIRO_TUI_CONFIG": str(other)}) == 0
    assert run(Asked(path=True), {"config": str(other)}, {"KIRO_TUI_CONFIG": "/nowhere"}) == 0

    assert capsys.readouterr().out.splitlines()[1:] == [str(other)]
    assert load({"config": str(other)}, {}).interval == 300


# What is wrong --------------------------------------------------------------------------------------------------------


def test_a_good_file_is_fine_and_so_is_none(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(Asked(check=True), {}, {}) == 0
    path = usual(home, "interval = 60\n")
    assert run(Asked(check=True), {}, {}) == 0

    assert capsys.readouterr().out == f"{path} (not there yet: kiro-tui config --init): fine\n{path}: fine\n"


def test_while_the_file_is_broken_config_still_says_where_it_is_and_what_is_wrong(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = usual(home, BROKEN)

    assert main(["config", "--path"]) == 0
    assert capsys.readouterr() == (f"{path}\n", "")
    assert main(["config", "--schema"]) == 0
    assert json.loads(capsys.readouterr().out)["type"] == "object"
    for argv in (["config", "--check"], ["config"]):
        assert main(argv) == 2
        out, err = capsys.readouterr()
        assert out == ""
        assert err.splitlines() == [
            "kiro-tui: 2 settings are wrong:",
            f"  {path}:1: interval: expected seconds, a number from 30 to 604800, found 1",
            f"  {path}:2: unknown key 'them': did you mean theme?",
            "Correct what is named there; to do without a settings file: --config /dev/null",
        ]


def test_programs_are_told_of_a_broken_file_as_of_every_other_error(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    usual(home, BROKEN)

    assert main(["config", "--json"]) == 2

    assert json.loads(capsys.readouterr().out)["error"]["code"] == "settings"


def test_options_of_all_commands_are_part_of_what_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "--json", "--interval", "90"]) == 0

    assert json.loads(capsys.readouterr().out)["settings"]["interval"] == {
        "value": 90,
        "from": "command line",
        "place": "--interval",
    }
