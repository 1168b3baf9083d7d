"""What a new user writes wrong in the settings file, and the one clear message that each of it gets.

golden/settings-mistakes.txt holds the files and, behind `=>`, their whole messages; the last file has many mistakes.
"""

from pathlib import Path

import pytest

from kiro_tui.errors import SettingsError
from kiro_tui.settings import load
from kiro_tui.settings.file import MOST_LINES_OF_A_VALUE
from kiro_tui.settings.levels import MOST_TOLD

GOLDEN = (Path(__file__).parent / "golden/settings-mistakes.txt").read_text()
BROKEN = [tuple(block.split("=> ")) for block in GOLDEN.removesuffix("\n").split("\n----\n")]


def complaint(folder: Path, content: str) -> str:
    """Return the message that a file gets, with FILE in the place of its path."""
    path = folder / "config.toml"
    path.write_text(content)
    with pytest.raises(SettingsError) as caught:
        load({"config": str(path)}, {})
    assert caught.value.hint == "Correct what is named there; to do without a settings file: --config /dev/null"
    return caught.value.message.replace(str(path), "FILE")


@pytest.mark.parametrize(("content", "message"), BROKEN, ids=[content.split("\n")[0] for content, _ in BROKEN])
def test_what_a_new_user_writes_wrong_gets_one_clear_message(tmp_path: Path, content: str, message: str) -> None:
    assert complaint(tmp_path, content) == message


def test_each_broken_file_but_the_last_gets_a_message_of_one_line_that_says_what_to_write() -> None:
    *single, (_, many) = BROKEN
    assert len(single) >= 30
    for content, message in single:
        assert "\n" not in message
        assert any(word in message for word in ("expected ", "did you mean ", "belong")), content
    assert many.startswith("11 settings are wrong:\n")


@pytest.mark.parametrize(
    ("content", "place"),
    [
        ("\n\nalerts.bell = 'x'", "FILE:3: alerts.bell:"),
        ("seconds = true\n'alerts'.\"bell\" = 'x'", "FILE:2: alerts.bell:"),
        ("alerts = { used = [50], bell = 'x' }", "FILE:1: alerts.bell:"),
        ("[ alerts ] # here\n# no: bell = 'y'\nquiet = \"\"\n\tbell = 'x'", "FILE:4: alerts.bell:"),
        ("[alerts]\r\nused = [\r\n 50,\r\n]\r\nbell = 'x'\r\n", "FILE:5: alerts.bell:"),
        ('[alerts]\nquiet = """\nbell = 1\n"""\nbell = "off"', "FILE:2: alerts.quiet:"),
        ("[alerts]\n[keys]\nrefresh = 'xx'", "FILE:3: keys.refresh:"),
        ("seconds = true\n[[alerts]]\nbell = 'x'", "FILE:2: alerts:"),
        ("[keys]\n[what.is.this]\nx = 1", "FILE:2: unknown table 'what'"),
        ("what.a = 1\nwhat.b = 2", "FILE:1: unknown table 'what'"),
        ("[keys]\n[alerts.used.up]\nx = 1", "FILE:2: alerts.used:"),
        ("seconds = true\nalerts" + ".x" * 1200 + " = 1", "FILE:2: unknown key 'x' in [alerts]:"),
    ],
)
def test_a_mistake_has_its_line_in_whatever_way_its_key_is_written(tmp_path: Path, content: str, place: str) -> None:
    assert complaint(tmp_path, content).startswith(place)


def test_behind_a_value_of_very_many_lines_mistakes_have_no_line_and_are_told(tmp_path: Path) -> None:
    numbers = "\n1," * 2 * MOST_LINES_OF_A_VALUE

    first, second = complaint(tmp_path, f"timeout = 0\ninterval = [{numbers}]\n").split("\n  ")[1:]

    assert first.startswith("FILE: interval: expected seconds")
    assert second.startswith("FILE:1: timeout: expected seconds")


def test_of_a_file_that_is_not_meant_for_us_only_the_first_mistakes_are_told(tmp_path: Path) -> None:
    first, *rest = complaint(tmp_path, "".join(f"a{n}=1\n" for n in range(800))).split("\n  ")

    assert first == "800 settings are wrong:"
    assert [line.split(" unknown")[0] for line in rest[:-1]] == [f"FILE:{n + 1}:" for n in range(MOST_TOLD)]
    assert rest[-1] == f"and {800 - MOST_TOLD} more"


@pytest.mark.parametrize(
    ("variable", "text", "message"),
    [
        ("KIRO_TUI_ALERTS_BELL", "of", "KIRO_TUI_ALERTS_BELL: expected once or off, found 'of': did you mean off?"),
        ("KIRO_TUI_PANELS", "plan, forcast", "found 'forcast' in the list: did you mean forecast?"),
        ("KIRO_TUI_ALERTS_USED", "50,x", "expected a list of whole percents from 1 to 1000, each once, found '50,x'"),
        ("KIRO_TUI_ALERTS_COMMAND", "say 'x", 'found "say \'x"'),
        ("KIRO_TUI_SHOW_EMAIL", "ture", "expected true or false, found 'ture': did you mean true?"),
        ("KIRO_TUI_ALERTS_BEL", "off", "unknown variable 'KIRO_TUI_ALERTS_BEL': did you mean KIRO_TUI_ALERTS_BELL?"),
        ("KIRO_TUI_KEYS_REFRESH", "x", "KIRO_TUI_KEYS_REFRESH: keys are set in the file, under [keys]"),
    ],
)
def test_a_wrong_variable_is_told_as_clearly(variable: str, text: str, message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load({"config": "/dev/null"}, {variable: text})

    assert message in caught.value.message
