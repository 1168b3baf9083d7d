import pytest
from fakes import QUIET, FakeClock, ScriptedChild, scripted_launch

from kiro_tui.domain.usage import Account
from kiro_tui.errors import NotLoggedIn
from kiro_tui.probe.account import read_account, refused_format, whoami
from kiro_tui.probe.asking.conversation import Heard, Room
from kiro_tui.probe.process.child import Child, Command, End, Ending

PERSON = "person@example.com"
PROFILE = "\nProfile:\nACME Production\narn:aws:codewhisperer:us-east-1:123456789012:profile/ABC\n"


def heard(text: str, status: int = 0) -> Heard:
    return Heard(text, Ending(End.EXITED, status=status))


@pytest.mark.parametrize(
    ("text", "account"),
    [
        ("Logged in with Builder ID\nEmail: person@example.com\n", Account("Builder ID", PERSON)),
        ("Logged in with Google\nEmail: person@example.com\n", Account("Google", PERSON)),
        ("Logged in with GitHub\n", Account("GitHub")),
        ("Logged in with External IdP\nEmail: person@example.com\n", Account("External IdP", PERSON)),
        (
            "Logged in with IAM Identity Center (https://d-123.awsapps.com/start)\nEmail: person@example.com\n"
            + PROFILE,
            Account("IAM Identity Center", PERSON, "ACME Production"),
        ),
        ("Authenticated with API key\n", Account("API key")),
        ("person@example.com\n", Account("Builder ID", PERSON)),
        ('{"accountType":"BuilderId","email":"person@example.com"}', Account("Builder ID", PERSON)),
        ('{"accountType":"Social","provider":"GitHub","email":"person@example.com"}', Account("GitHub", PERSON)),
        ('{"accountType":"ExternalIdP","email":"person@example.com"}', Account("External IdP", PERSON)),
        ('{"accountType":"ApiKey"}', Account("API key")),
        (
            '{\n "accountType": "IamIdentityCenter",\n "email": "person@example.com"\n}\n' + PROFILE,
            Account("IAM Identity Center", PERSON, "ACME Production"),
        ),
        ('{"accountType":"Brand\\u001b[31mNew"}', Account("Brand[31mNew")),
        ("Estimated Usage | resets on 2026-02-01 | KIRO FREE\n", None),
        ('{"accountType":"SocialGoogle","email":"person@example.com"}', Account("Google", PERSON)),
        ('{"accountType":"SocialGitHub","email":"person@example.com"}', Account("GitHub", PERSON)),
        ('{"account":{"accountType":"BuilderId","email":"person@example.com"}}', Account("Builder ID", PERSON)),
        ("{}", None),
        ('{"account":{}}', None),
        ('{"accountType":7}', None),
        ("[1,2]", None),
        ("", None),
    ],
)
def test_every_known_answer_is_understood_and_every_other_is_no_account(text: str, account: Account | None) -> None:
    assert read_account(heard(text)) == account


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("Not logged in\n", 1),
        ("Not logged in\n", 0),
        ('{"account":null}\n', 0),
        ('{"account":null}\n', 1),
        ("Opening browser...\n", 0),
        ("null\n", 0),
        ("{}\n", 1),
        ("login required\n", 0),
        ("login required\n", 1),
        ("error: Login required\n", 1),
        ("Your session has expired. Please run kiro-cli login\n", 0),
        ("Your session has expired. Please run kiro-cli login\n", 1),
        ("error: please log in first\n", 3),
    ],
)
def test_signed_out_is_understood_whatever_the_exit_status(text: str, status: int) -> None:
    with pytest.raises(NotLoggedIn):
        read_account(heard(text, status))


def test_a_failing_or_unfinished_whoami_knows_nobody() -> None:
    answer = "Logged in with Builder ID\n"

    assert read_account(heard(answer, status=1)) is None
    assert read_account(Heard(answer, Ending(End.DEADLINE))) is None


@pytest.mark.parametrize(
    "ending",
    [Ending(End.EXITED, signal=9), Ending(End.DEADLINE), Ending(End.NOT_STARTED, errno=2), Ending(End.LOST)],
)
def test_a_whoami_that_was_ended_or_never_started_is_not_signed_out(ending: Ending) -> None:
    assert read_account(Heard("login required\n", ending)) is None
    assert read_account(Heard("null", ending)) is None


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("error: dispatch failure (io error)\n", 1),
        ("error: unexpected argument\n\nUsage: kiro-cli whoami\n\nCommands:\n  login  Log in\n", 2),
    ],
)
def test_a_failure_that_asks_for_no_login_is_not_signed_out(text: str, status: int) -> None:
    assert read_account(heard(text, status)) is None


def test_an_old_version_is_told_by_its_exit_status() -> None:
    assert refused_format(heard("error: unexpected argument '--format' found", status=2))
    assert not refused_format(heard("Not logged in", status=1))


async def test_a_whoami_that_opens_a_browser_is_ended_at_once() -> None:
    clock, commands = FakeClock(), list[Command]()
    child: Child = ScriptedChild([b"Opening browser...\n", QUIET], clock=clock)
    room = Room(scripted_launch([child], commands), clock, {}, "/empty")

    answer = await whoami(room, "/kiro-cli", 5.0, as_json=True)

    assert clock.monotonic() == FakeClock().monotonic()
    assert commands[0].argv == ("/kiro-cli", "whoami", "--format", "json")
    assert commands[0].terminal is None
    with pytest.raises(NotLoggedIn):
        read_account(answer)


async def test_a_whoami_that_hangs_is_given_up_in_time() -> None:
    clock = FakeClock()
    room = Room(scripted_launch([ScriptedChild([QUIET], clock=clock)]), clock, {}, "/empty")

    answer = await whoami(room, "/kiro-cli", 5.0, as_json=False)

    assert answer.ending.end is End.DEADLINE
    assert clock.monotonic() - FakeClock().monotonic() < 7
    assert read_account(answer) is None
