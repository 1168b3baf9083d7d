"""What is saved from the dashboard: it is there at the next start, and nothing else in the file has changed."""

import stat
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiro_tui.choices import LAYOUTS, PANELS, THEME_NAMES
from kiro_tui.domain.quiet import QuietHours
from kiro_tui.errors import SettingsError
from kiro_tui.settings import load
from kiro_tui.settings.catalogue import CATALOGUE
from kiro_tui.settings.saving import save
from kiro_tui.settings.template import template

CHOSEN = {"theme": "light", "interval": 600.0, "panels": ("plan", "forecast"), "layout": "wide"}
FILES = (
    "",
    "# mine\ntheme = 'dark'   # at night\n\n# often\ninterval = 60\n\n[alerts] # loud\nbell = 'off'\n",
    "[keys]\nrefresh = ['x', '*'] # easier\n\n[alerts]\nused = [\n  80, # soon\n]\n# the end",
    "alerts = { bell = 'off' } # short\nlayout = 'compact'",
    "alerts.bell = 'off'\n# between\nalerts.quiet = '22:00-07:00'\n",
    "theme = 'dark'\r\n# of another system\r\n[keys]\r\nquit = 'x'\r\n",
    template(),
)


def loaded(path: Path) -> Any:
    return load({"config": str(path)}, {})


def test_what_is_saved_is_there_at_the_next_start_and_the_rest_is_as_the_person_wrote_it(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(FILES[1])

    save(path, CHOSEN)

    assert path.read_text() == (
        '# mine\ntheme = "light"   # at night\n\n# often\ninterval = 600\npanels = ["plan", "forecast"]\n'
        "layout = \"wide\"\n\n[alerts] # loud\nbell = 'off'\n"
    )


def test_a_value_that_already_is_what_it_shall_be_is_not_written_anew(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    content = "panels = [\n  'plan', # first of all\n  'forecast',\n]\ninterval = 6_00\n"
    path.write_text(content)

    save(path, {"panels": ("plan", "forecast"), "interval": 600.0})

    assert path.read_text() == content


def test_where_there_is_no_file_one_is_made_for_the_persons_eyes_only(tmp_path: Path) -> None:
    path = tmp_path / "new/config.toml"

    save(path, CHOSEN)

    assert {key: loaded(path).value(key) for key in CHOSEN} == CHOSEN
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert list(path.parent.iterdir()) == [path]


def test_a_link_to_a_file_elsewhere_stays_a_link(tmp_path: Path) -> None:
    real, link = tmp_path / "dotfiles.toml", tmp_path / "config.toml"
    real.write_text("# mine\n")
    link.symlink_to(real)

    save(link, CHOSEN)

    assert link.is_symlink()
    assert real.read_text().startswith("# mine\n")
    assert loaded(link).theme == "light"


@pytest.mark.parametrize("content", ["theme = ", "interval = 1", "them = 'dark'", "[keys]\nrefresh = 'q'"])
def test_a_broken_file_is_left_alone_and_its_mistakes_are_told(tmp_path: Path, content: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(content)

    with pytest.raises(SettingsError, match=f"{path}:[12]: ") as caught:
        save(path, CHOSEN)

    assert caught.value.hint
    assert path.read_text() == content
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("place", ["/proc/nobody/config.toml", "/dev/null/config.toml"])
def test_a_place_where_nothing_can_be_written_is_an_error_and_no_crash(place: str) -> None:
    with pytest.raises(SettingsError, match=f"^{place}: cannot be written: "):
        save(Path(place), CHOSEN)


def test_what_is_no_file_is_never_replaced_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kiro_tui.settings.saving.replace_file", pytest.fail)  # as root this would do harm

    with pytest.raises(SettingsError, match=r"^/dev/null: nothing can be kept there"):
        save(Path("/dev/null"), CHOSEN)


def test_what_cannot_be_added_without_changing_more_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("theme = 'dark'\n")

    with pytest.raises(SettingsError, match="what was chosen cannot be added"):
        save(path, {"theme": "no such theme"})

    assert path.read_text() == "theme = 'dark'\n"


def some(values: tuple[str, ...]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(values), min_size=1, unique=True).map(tuple)


CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "theme": st.sampled_from(THEME_NAMES),
        "layout": st.sampled_from(LAYOUTS),
        "interval": st.floats(30, 604800),
        "panels": some(PANELS),
        "show_email": st.booleans(),
        "alerts.command": st.lists(st.text(st.characters(exclude_characters="\0", codec="utf-8")), min_size=1)
        .filter(lambda words: words[0] != "")
        .map(tuple),
        "alerts.quiet": st.sampled_from([None, QuietHours.parse("0:30-23:59")]),
        "alerts.used": st.lists(st.integers(1, 1000), unique=True).map(tuple),
        "keys.refresh": some(("r", "'", '"', "\\", "#", "ctrl+k")),
    },
)


@settings(max_examples=50)  # each writes a file that lasts
@given(st.sampled_from(FILES), CHANGES)
def test_whatever_is_saved_into_whatever_file_all_else_stays(content: str, changes: dict[str, Any]) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "config.toml"
        path.write_bytes(content.encode())
        before = loaded(path)

        save(path, changes)
        after = loaded(path)

        assert {key: after.value(key) for key in CATALOGUE} == {key: before.value(key) for key in CATALOGUE} | changes
        if "alerts.used" not in changes:  # comments within a list go with it
            assert set(comments(content)) <= set(comments(path.read_text()))


def comments(text: str) -> list[str]:
    return [line[line.index("# ") :].strip() for line in text.splitlines() if "# " in line]
