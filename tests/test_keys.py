"""The keys of the dashboard: what may be bound, and what may not."""

import pytest

from kiro_tui.keys import COMMANDS, NAMES, Keys, clashes, problem_of


def test_the_keys_that_are_not_rebound_stay_as_they_are() -> None:
    keys = Keys({"refresh": ("f5", "R")})

    assert keys.of("refresh") == ("f5", "R")
    assert keys.first("refresh") == "f5"
    assert all(keys.of(command.name) == command.keys for command in COMMANDS if command.name != "refresh")


@pytest.mark.parametrize("key", ["r", "R", "5", "?", "+", ",", "~", "f1", "f12", "space", "pageup", "ctrl+r"])
def test_a_key_is_written_as_a_person_would_write_it(key: str) -> None:
    assert problem_of(key) == ""


@pytest.mark.parametrize(
    "key", ["", "rr", " ", "é", "\x1b", "f13", "F5", "ctrl+", "ctrl+R", "ctrl+1", "ctrl+alt+r", "control+r", "plus"]
)
def test_what_no_key_is_called_is_said_to_be_wrong(key: str) -> None:
    assert problem_of(key) == "expected a key, as in r, R, ?, f5, ctrl+r or space"


@pytest.mark.parametrize(
    ("key", "why"),
    [
        ("ctrl+c", "ctrl+c always quits"),
        ("ctrl+z", "ctrl+z always suspends"),
        ("escape", "escape always goes back"),
        ("ctrl+m", "terminals send ctrl+m as enter"),
    ],
)
def test_a_key_that_cannot_be_bound_says_why(key: str, why: str) -> None:
    assert problem_of(key) == why


def test_the_default_keys_are_all_possible_and_none_is_wanted_twice() -> None:
    assert [key for command in COMMANDS for key in command.keys if problem_of(key)] == []
    assert list(clashes({})) == []
    assert len(set(NAMES)) == len(NAMES)


def test_a_key_that_two_commands_would_have_is_found_also_where_only_one_was_rebound() -> None:
    assert list(clashes({"history": ("x",), "spend": ("x",)})) == [("x", ("history", "spend"))]
    assert list(clashes({"history": ("r",)})) == [("r", ("refresh", "history"))]


def test_two_commands_may_exchange_their_keys() -> None:
    assert list(clashes({"refresh": ("p",), "pause": ("r",)})) == []
