from dataclasses import replace
from pathlib import Path

import pytest
from acting import BUILDER_ID, Stage, says, stage
from fakes import QUIET, FakeClock, ScriptedChild

from kiro_tui.domain.usage import Account
from kiro_tui.errors import NotInstalled, NotLoggedIn, TimedOut
from kiro_tui.probe.asking.conversation import Room
from kiro_tui.probe.installation import CLASSIC, ENGINE_V1, NAMED_V2, NEWEST_KNOWN, Version
from kiro_tui.probe.introduction import BELIEVED, Introduction
from kiro_tui.probe.memory import Memory

VERSION, WHO = "--version", "whoami --format json"
HELP = b"Usage: kiro-cli chat\n\n      --agent-engine <E>  [possible values: v1, v2]\n      --legacy-ui\n"


@pytest.fixture
def kiro_cli(tmp_path: Path) -> Path:
    program = tmp_path / "kiro-cli"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    return program


def update(program: Path) -> None:
    program.write_text("#!/bin/sh\n# updated\n")


def remove(program: Path) -> None:
    program.unlink()


class Meeting:
    """An introduction, the stage that it is made on, and the clock."""

    def __init__(self, scene: Stage, path: Path, clock: FakeClock | None = None, folder: Path | None = None) -> None:
        self.scene = scene
        self.clock = clock or FakeClock()
        self.room = Room(scene.launch, self.clock, {}, "/empty")
        self.introduction = Introduction(self.clock, {}, Memory(folder), str(path), timeout=20.0)

    async def again(self) -> list[str]:
        """Make the introduction, and return the command lines that it took."""
        self.scene.forget()
        try:
            await self.introduction.make(self.room)
        finally:
            self.lines = self.scene.lines
        return self.lines

    async def signed_out(self) -> list[str]:
        with pytest.raises(NotLoggedIn) as caught:
            await self.again()
        self.introduction.doubt(caught.value)
        return self.lines


async def test_the_version_comes_first_then_who_is_signed_in(kiro_cli: Path) -> None:
    meeting = Meeting(stage(), kiro_cli)

    assert await meeting.again() == [VERSION, WHO]
    assert meeting.introduction.installed.version == Version(2, 21, 1)
    assert meeting.introduction.account == Account("Builder ID", "person@example.com")


async def test_both_are_believed_for_half_an_hour(kiro_cli: Path) -> None:
    meeting = Meeting(stage(), kiro_cli)
    await meeting.again()

    meeting.clock.advance(BELIEVED - 1)
    assert await meeting.again() == []
    meeting.clock.advance(2)
    assert await meeting.again() == [VERSION, WHO]


async def test_a_changed_file_is_asked_again_at_once(kiro_cli: Path) -> None:
    meeting = Meeting(stage(), kiro_cli)
    await meeting.again()
    update(kiro_cli)

    assert await meeting.again() == [VERSION, WHO]


async def test_a_failed_question_and_a_person_are_reasons_to_ask_again(kiro_cli: Path) -> None:
    meeting = Meeting(stage(), kiro_cli)
    await meeting.again()

    meeting.introduction.doubt(TimedOut("slow"))
    assert await meeting.again() == [VERSION, WHO]
    meeting.introduction.ask_again()
    assert await meeting.again() == [VERSION, WHO]
    assert await meeting.again() == []


async def test_while_nobody_is_signed_in_only_whoami_is_asked(kiro_cli: Path) -> None:
    scene = stage(whoami=lambda: says(b"Not logged in\n", status=1))
    meeting = Meeting(scene, kiro_cli)

    assert await meeting.signed_out() == [VERSION, WHO]
    meeting.clock.advance(2 * BELIEVED)
    assert await meeting.signed_out() == [WHO]

    scene.roles["whoami"] = lambda: says(BUILDER_ID)
    assert await meeting.again() == [WHO]
    assert meeting.introduction.account is not None


async def test_kiro_cli_that_behaves_as_signed_out_is_left_alone_until_whoami_says_otherwise(kiro_cli: Path) -> None:
    scene = stage()
    meeting = Meeting(scene, kiro_cli)
    await meeting.again()
    meeting.introduction.doubt(NotLoggedIn("chat says so"))

    assert await meeting.signed_out() == [WHO]
    assert await meeting.signed_out() == [WHO]
    scene.roles["whoami"] = lambda: says(b'{"accountType":"Social","provider":"GitHub","email":"p@example.com"}')
    assert await meeting.again() == [WHO]
    assert await meeting.again() == []


async def test_a_whoami_that_knows_nothing_does_not_say_otherwise(kiro_cli: Path) -> None:
    meeting = Meeting(stage(whoami=lambda: says(b"?", status=1)), kiro_cli)
    await meeting.again()
    meeting.introduction.doubt(NotLoggedIn("chat says so"))

    assert await meeting.signed_out() == [WHO]


async def test_a_person_who_asks_lifts_that(kiro_cli: Path) -> None:
    meeting = Meeting(stage(), kiro_cli)
    await meeting.again()
    meeting.introduction.doubt(NotLoggedIn("chat says so"))
    await meeting.signed_out()

    meeting.introduction.ask_again()

    assert await meeting.again() == [VERSION, WHO]


async def test_a_whoami_that_fails_changes_nothing_that_is_known(kiro_cli: Path) -> None:
    scene = stage()
    meeting = Meeting(scene, kiro_cli)
    await meeting.again()
    scene.roles["whoami"] = lambda: says(b"error: network\n", status=1)
    meeting.introduction.ask_again()

    await meeting.again()

    assert meeting.introduction.account == Account("Builder ID", "person@example.com")


async def test_an_old_whoami_is_asked_for_text_and_that_is_remembered(kiro_cli: Path, tmp_path: Path) -> None:
    def whoami() -> ScriptedChild:
        asked = scene.commands[-1].argv
        return says(b"error", status=2) if "--format" in asked else says(b"Logged in with Builder ID\n")

    scene = stage("1.20.0", whoami=whoami)

    assert await Meeting(scene, kiro_cli, folder=tmp_path).again() == [VERSION, WHO, "whoami"]
    after_a_restart = Meeting(scene, kiro_cli, folder=tmp_path)
    assert await after_a_restart.again() == [VERSION, "whoami"]
    assert after_a_restart.introduction.account == Account("Builder ID")


async def test_a_kiro_cli_that_does_not_even_tell_its_version_is_known_for_it(kiro_cli: Path) -> None:
    clock = FakeClock()
    meeting = Meeting(stage(version=lambda: ScriptedChild([QUIET], clock=clock)), kiro_cli, clock)

    await meeting.again()

    assert meeting.introduction.mute
    assert meeting.introduction.installed.version is None
    assert clock.monotonic() - FakeClock().monotonic() < 7
    assert (await meeting.introduction.kiro("chat", meeting.room)).chat == NEWEST_KNOWN.chat
    assert meeting.scene.lines == [VERSION, WHO]


async def test_a_version_that_was_read_is_not_forgotten_because_the_machine_is_slow(kiro_cli: Path) -> None:
    clock = FakeClock()
    scene = stage()
    meeting = Meeting(scene, kiro_cli, clock)
    await meeting.again()

    scene.roles["--version"] = lambda: ScriptedChild([QUIET], clock=clock)
    meeting.introduction.ask_again()
    await meeting.again()

    assert meeting.introduction.installed.version == Version(2, 21, 1)


async def test_a_kiro_cli_that_is_gone_is_not_installed(kiro_cli: Path) -> None:
    meeting = Meeting(stage(), kiro_cli)
    await meeting.again()
    remove(kiro_cli)

    with pytest.raises(NotInstalled, match="kiro-cli"):
        await meeting.again()


async def test_a_foreign_program_is_asked_nothing_else(kiro_cli: Path) -> None:
    meeting = Meeting(stage(version=lambda: says(b"kiro-cli, version 0.3.1\n")), kiro_cli)

    for _ in range(2):
        with pytest.raises(NotInstalled, match=str(kiro_cli)):
            await meeting.again()
        assert meeting.lines == [VERSION]
    assert meeting.introduction.installation is None


async def test_a_foreign_program_that_took_the_place_of_kiros_is_asked_nothing_else(kiro_cli: Path) -> None:
    scene = stage()
    meeting = Meeting(scene, kiro_cli)
    await meeting.again()
    scene.roles["--version"] = lambda: says(b"usage: kiro-cli [-h]\n", status=2)
    update(kiro_cli)

    with pytest.raises(NotInstalled):
        await meeting.again()

    assert meeting.lines == [VERSION]
    assert meeting.introduction.installation is None


@pytest.mark.parametrize("words", [b"login required\n", b"Your session has expired. Please run kiro-cli login\n"])
async def test_a_whoami_that_speaks_of_login_is_signed_out(kiro_cli: Path, words: bytes) -> None:
    meeting = Meeting(stage(whoami=lambda: says(words, status=1)), kiro_cli)

    assert await meeting.signed_out() == [VERSION, WHO]


async def test_no_help_is_asked_for_where_the_table_knows(kiro_cli: Path) -> None:
    meeting = Meeting(stage("2.21.1"), kiro_cli)
    await meeting.again()

    await meeting.introduction.kiro("chat", meeting.room)
    await meeting.introduction.kiro("acp", meeting.room)

    assert meeting.scene.lines == [VERSION, WHO]


async def test_a_newer_version_is_asked_for_help_once_ever(kiro_cli: Path, tmp_path: Path) -> None:
    scene = stage("3.5.0", help=lambda: says(HELP))
    meeting = Meeting(scene, kiro_cli, folder=tmp_path)
    await meeting.again()

    kiro = await meeting.introduction.kiro("chat", meeting.room)
    assert kiro.chat == {ENGINE_V1, NAMED_V2, CLASSIC}
    assert kiro.installation.newer_than_known
    assert scene.lines[-1] == "chat --help"

    after_a_restart = Meeting(scene, kiro_cli, folder=tmp_path)
    await after_a_restart.again()
    assert (await after_a_restart.introduction.kiro("chat", after_a_restart.room)).chat == {
        ENGINE_V1,
        NAMED_V2,
        CLASSIC,
    }
    assert "chat --help" not in scene.lines


async def test_a_newer_version_without_help_is_taken_for_the_newest_known_one(kiro_cli: Path) -> None:
    meeting = Meeting(stage("9.9.9"), kiro_cli)
    await meeting.again()

    for _ in range(2):
        kiro = await meeting.introduction.kiro("acp", meeting.room)

    assert kiro.acp == NEWEST_KNOWN.acp
    assert meeting.scene.lines.count("acp --help") == 1


async def test_an_old_version_without_the_command_has_no_agent(kiro_cli: Path) -> None:
    refusal = b"error: unrecognized subcommand 'acp'\n\nUsage: kiro-cli [OPTIONS]\n\n  --help  Print help\n"
    meeting = Meeting(stage("1.20.0", help=lambda: says(refusal, status=2)), kiro_cli)
    await meeting.again()

    assert (await meeting.introduction.kiro("acp", meeting.room)).acp is None


async def test_lessons_belong_to_the_version(kiro_cli: Path, tmp_path: Path) -> None:
    scene = stage("2.21.1")
    meeting = Meeting(scene, kiro_cli, folder=tmp_path)
    await meeting.again()
    meeting.introduction.learn(replace(meeting.introduction.lessons, pipes=True))

    scene.roles["--version"] = lambda: says(b"kiro-cli 2.22.0\n")
    update(kiro_cli)
    await meeting.again()

    assert not meeting.introduction.lessons.pipes
