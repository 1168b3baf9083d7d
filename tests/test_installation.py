import stat
from pathlib import Path

import pytest
from fakes import QUIET, FakeClock, ScriptedChild, scripted_launch
from hypothesis import given
from hypothesis import strategies as st

from kiro_tui.errors import CliFailed, NotInstalled
from kiro_tui.probe.asking.conversation import Room
from kiro_tui.probe.finding import KNOWN_PLACES, find
from kiro_tui.probe.installation import (
    CLASSIC,
    ENGINE_V1,
    ENGINE_V2,
    ENGINE_V3,
    NAMED_V2,
    OWN_SIGN_IN,
    Installation,
    Version,
    cannot_start,
    examine,
    fingerprint,
    known_to_accept,
    read_help,
    read_version,
)
from kiro_tui.probe.process.child import End, Ending

VERSIONS = st.builds(Version, *[st.integers(0, 9999)] * 3)


def program(place: Path, text: str = "#!/bin/sh\n") -> Path:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text)
    place.chmod(0o755)
    return place


# --- Where


def test_the_path_comes_before_the_known_places(tmp_path: Path) -> None:
    program(tmp_path / ".local/bin/kiro-cli")
    on_path = program(tmp_path / "bin/kiro-cli")

    assert find({"PATH": str(on_path.parent), "HOME": str(tmp_path)}) == str(on_path)


def test_a_known_place_will_do_where_the_path_has_none(tmp_path: Path) -> None:
    known = program(tmp_path / ".local/bin/kiro-cli")

    assert find({"PATH": "/nowhere", "HOME": str(tmp_path)}) == str(known)


def test_a_file_that_cannot_be_executed_is_passed_over(tmp_path: Path) -> None:
    program(tmp_path / "bin/kiro-cli").chmod(0o644)

    with pytest.raises(NotInstalled):
        find({"PATH": str(tmp_path / "bin"), "HOME": str(tmp_path)})


@pytest.mark.parametrize(
    "environment", [{"PATH": "/nowhere", "HOME": "/nowhere"}, {"PATH": ""}, {"PATH": "", "HOME": ""}]
)
def test_not_installed_names_every_place_and_says_what_to_do(environment: dict[str, str]) -> None:
    with pytest.raises(NotInstalled) as caught:
        find(environment)

    assert "PATH" in caught.value.message
    assert all(place in caught.value.message for place in KNOWN_PLACES)
    assert "--kiro-cli" in caught.value.hint


def test_a_given_path_wins_and_may_start_at_home(tmp_path: Path) -> None:
    program(tmp_path / "bin/kiro-cli")
    own = program(tmp_path / "own")

    assert find({"PATH": str(tmp_path / "bin"), "HOME": str(tmp_path)}, "~/own") == str(own)


def test_a_given_path_is_made_absolute_because_children_run_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = program(tmp_path / "own")
    monkeypatch.chdir(tmp_path)

    assert find({"PATH": ""}, "./own") == str(own)


def test_a_wrong_given_path_is_named_and_nothing_else_is_taken_instead(tmp_path: Path) -> None:
    on_path = program(tmp_path / "bin/kiro-cli")

    with pytest.raises(NotInstalled, match="/no/such/kiro"):
        find({"PATH": str(on_path.parent)}, "/no/such/kiro")


# --- Which version


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("kiro-cli 2.21.1\n", Version(2, 21, 1)),
        ("kiro-cli 3.0\n", Version(3, 0)),
        ("kiro-cli v1.27.0\r\n", Version(1, 27)),
        ("kiro-cli 2.8.0-beta.1+abc\n", Version(2, 8)),
        ("Updating...\nkiro-cli 2.37.0\n", Version(2, 37)),
        ("Estimated Usage | resets on 2026-02-01 | KIRO FREE\n", None),
        ("0.17 of 50 covered in plan\n", None),
        ("kiro-cli \uff12.\uff18.\uff11", None),
        ("kiro-cli 99999.1.1", None),
        ("", None),
    ],
)
def test_a_version_is_read_from_a_line_of_its_own_and_from_nothing_else(text: str, version: Version | None) -> None:
    assert read_version(text) == version


@given(VERSIONS, VERSIONS)
def test_versions_are_ordered_by_number_and_print_as_they_are_read(one: Version, other: Version) -> None:
    assert read_version(f"kiro-cli {one}\n") == one
    assert (one < other) == ((one.major, one.minor, one.patch) < (other.major, other.minor, other.patch))


@given(st.text())
def test_reading_a_version_or_a_help_never_fails(text: str) -> None:
    read_version(text)
    read_help(text)


def test_a_file_in_place_of_another_is_noticed(tmp_path: Path) -> None:
    before = fingerprint(str(program(tmp_path / "a", "#!/bin/sh\n# 1")))
    replacement = program(tmp_path / "b", "#!/bin/sh\n# 2")
    replacement.replace(tmp_path / "a")

    assert fingerprint(str(tmp_path / "a")) != before
    assert stat.S_ISREG((tmp_path / "a").stat().st_mode)


def test_an_update_behind_a_link_is_noticed(tmp_path: Path) -> None:
    program(tmp_path / "a")
    program(tmp_path / "b", "#!/bin/sh\n# b")
    link = tmp_path / "kiro-cli"
    link.symlink_to("a")
    before = fingerprint(str(link))
    link.unlink()
    link.symlink_to("b")

    assert fingerprint(str(link)) != before


def test_a_file_that_has_gone_is_not_installed(tmp_path: Path) -> None:
    with pytest.raises(NotInstalled, match="gone"):
        fingerprint(str(tmp_path / "gone"))


async def test_a_version_that_is_printed_is_enough_even_if_kiro_cli_stays(tmp_path: Path) -> None:
    clock = FakeClock()
    room = Room(scripted_launch([ScriptedChild([b"kiro-cli 2.2", b"1.1\n", QUIET], clock=clock)]), clock, {}, "/")

    found, _ = await examine(room, str(program(tmp_path / "kiro-cli")), 5.0)

    assert found.version == Version(2, 21, 1)
    assert clock.monotonic() == FakeClock().monotonic()


async def test_a_program_that_the_system_does_not_start_is_not_installed(tmp_path: Path) -> None:
    ending = Ending(End.NOT_STARTED, detail="Exec format error", errno=8)
    clock = FakeClock()
    room = Room(scripted_launch([ScriptedChild([], ending)]), clock, {}, "/")

    with pytest.raises(NotInstalled, match="Exec format error"):
        await examine(room, str(program(tmp_path / "kiro-cli")), 5.0)


def test_a_warden_that_the_system_does_not_start_says_nothing_about_kiro_cli() -> None:
    assert isinstance(cannot_start("/k", Ending(End.NOT_STARTED, detail="the warden: too many files")), CliFailed)


# --- Whether it is Kiro's


async def version_of(tmp_path: Path, said: bytes, ending: Ending) -> Installation:
    clock = FakeClock()
    room = Room(scripted_launch([ScriptedChild([said], ending)]), clock, {}, "/")
    found, _ = await examine(room, str(program(tmp_path / "kiro-cli")), 5.0)
    return found


@pytest.mark.parametrize(
    "said",
    [
        b"kiro-cli, version 0.3.1\n",
        b"kiro-cli 0.3.1\n",
        b"kiro 1.4.0\n",
        b"0.3.1\n",
        b"usage: kiro-cli [-h]\nkiro-cli: error: unrecognized arguments: --version\n",
        b"Traceback (most recent call last):\n",
        b"hello person@example.com\n",
    ],
)
@pytest.mark.parametrize("status", [0, 2])
async def test_another_program_of_that_name_is_not_kiros(tmp_path: Path, said: bytes, status: int) -> None:
    with pytest.raises(NotInstalled) as caught:
        await version_of(tmp_path, said, Ending(End.EXITED, status=status))

    assert str(tmp_path / "kiro-cli") in caught.value.message
    assert "https://kiro.dev" in caught.value.hint
    assert "pip" not in caught.value.hint
    assert "person@example.com" not in caught.value.message


@pytest.mark.parametrize(
    ("said", "ending"),
    [
        (b"", Ending(End.EXITED, status=0)),
        (b"", Ending(End.EXITED, status=1)),
        (b"half a wo", Ending(End.DEADLINE)),
        (b"thread panicked", Ending(End.EXITED, signal=6)),
        (b"?", Ending(End.LOST)),
        (b"Estimated Usage | resets on 2026-02-01 | KIRO FREE\n", Ending(End.EXITED, status=0)),
    ],
)
async def test_what_does_not_show_that_a_program_is_another_one_leaves_it_kiros(
    tmp_path: Path, said: bytes, ending: Ending
) -> None:
    assert (await version_of(tmp_path, said, ending)).version is None


@pytest.mark.parametrize("said", [b"kiro-cli 1.20.0\n", b"Updating...\nkiro-cli 2.37.0\n", b"kiro-cli-chat 2.4.0\n"])
async def test_an_old_kiro_cli_and_one_that_says_more_are_kiros(tmp_path: Path, said: bytes) -> None:
    assert (await version_of(tmp_path, said, Ending(End.EXITED, status=0))).version is not None


# --- What it accepts


@pytest.mark.parametrize(
    ("version", "chat"),
    [
        ("1.20.0", set()),
        ("1.26.9", set()),
        ("1.27.0", {CLASSIC}),
        ("2.3.9", {CLASSIC}),
        ("2.4.0", {CLASSIC, ENGINE_V1, NAMED_V2}),
        ("2.20.1", {CLASSIC, ENGINE_V1, NAMED_V2}),
        ("2.20.2", {CLASSIC, ENGINE_V1, NAMED_V2, ENGINE_V2}),
        ("2.37.4", {CLASSIC, ENGINE_V1, NAMED_V2, ENGINE_V2}),
    ],
)
def test_the_table_knows_the_flags_of_each_generation(version: str, chat: set[str]) -> None:
    assert known_to_accept(read_version(f"kiro-cli {version}")).chat == frozenset(chat)


@pytest.mark.parametrize("version", [None, Version(2, 38), Version(3, 0), Version(9, 9)])
def test_of_what_is_newer_or_unreadable_the_table_knows_nothing(version: Version | None) -> None:
    accepts = known_to_accept(version)

    assert (accepts.chat, accepts.acp) == (None, None)
    assert Installation("/k", version, ()).newer_than_known is (version is not None)


def test_lessons_about_an_unreadable_version_belong_to_the_file() -> None:
    assert Installation("/k", None, (1, 2)).key != Installation("/k", None, (1, 3)).key
    assert Installation("/k", Version(2, 8), (1,)).key == Installation("/other", Version(2, 8), (2,)).key


SHORT_HELP = """Chat with Kiro

Usage: kiro-cli chat [OPTIONS] [INPUT]

Options:
      --agent-engine <ENGINE>  Engine to use [possible values: v1, v2, v3]
      --legacy-ui              Classic interface [aliases: --classic]
      --v2                     The same as --agent-engine v2
  -h, --help                   Print help
"""
LONG_HELP = """Usage: kiro-cli chat [OPTIONS]

Options:
      --agent-engine <ENGINE>
          Engine to use

          Possible values:
          - v2: the second
          - v3: the third

      --v2
          Instead of --agent-engine=v1, which is gone
"""


def test_help_names_the_flags_and_their_values_and_nothing_that_is_only_mentioned() -> None:
    assert read_help(SHORT_HELP) == frozenset({ENGINE_V1, NAMED_V2, ENGINE_V3, CLASSIC, ENGINE_V2})
    assert read_help(LONG_HELP) == frozenset({NAMED_V2, ENGINE_V3, ENGINE_V2})


def test_a_flag_without_listed_values_is_taken_at_its_word() -> None:
    assert read_help("Usage: kiro-cli acp\n  --agent-engine <E>\n  --auth-method <M>\n") == frozenset(
        {ENGINE_V1, NAMED_V2, ENGINE_V3, OWN_SIGN_IN}
    )


@pytest.mark.parametrize("text", ["", "Estimated Usage | resets on 2026-02-01", "Usage: whatever", "  --legacy-ui"])
def test_what_is_no_help_says_nothing(text: str) -> None:
    assert read_help(text) is None
