"""The simulator's command line: which kiro-cli it is this time, and which subcommand is asked for."""

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from kiro_tui.simulator import refresh, replies, sign_in
from kiro_tui.simulator.arguments import SWITCH, Accepts, Refused, parse
from kiro_tui.simulator.generations import version_text
from kiro_tui.simulator.machine import Machine, now
from kiro_tui.simulator.replies import Reply
from kiro_tui.simulator.scenario import (
    DEFAULT_VERSION,
    SERVICE_FAILURES,
    SIGNED_OUT_FAILURES,
    Scenario,
    read,
    variables,
    version_at,
)
from kiro_tui.simulator.values import BadScenario

WHOAMI_SECONDS, LOGIN_SECONDS, VERSION_SECONDS = 1.5, 2.0, 0.05
BAD_SCENARIO_STATUS = 64
BROKEN_PIPE_STATUS = 141


def main(argv: Sequence[str], environment: Mapping[str, str]) -> int:
    """Be kiro-cli for once; returns the exit status."""
    try:
        return _main(list(argv), environment)
    except BadScenario as bad:
        sys.stderr.write(f"kiro-cli simulator: {bad}\n")
        return BAD_SCENARIO_STATUS
    except BrokenPipeError:
        # Nobody reads us any more: end as a program does that SIGPIPE killed.
        return BROKEN_PIPE_STATUS


def _main(argv: list[str], environment: Mapping[str, str]) -> int:
    overrides = environment.get("KIRO_SIM_FILE")
    given = variables(environment, _text(overrides) if overrides else "")
    machine = Machine(environment, given.get("LOG"))
    scenario = read(given, now(), _count_start(given))
    if environment.get("KIRO_API_KEY"):
        scenario = replace(scenario, login="api_key")
    elif scenario.sign_in and refresh.is_broken(scenario.sign_in):
        scenario = replace(scenario, login="signed_out")
    machine.pace = scenario.pace
    machine.log(
        "started",
        argv=argv,
        on="terminal" if machine.on_terminal else "pipes",
        version=version_text(scenario.version),
        cwd=str(Path.cwd()),
    )
    if scenario.foreign is not None:
        return _foreign(machine, scenario.foreign, argv)
    if scenario.harm:
        from kiro_tui.simulator import harm  # noqa: PLC0415 - only tests need it, and every start costs

        harm.check_home(machine)
    handler = COMMANDS.get(argv[0]) if argv else _chat
    if handler and not (handler is _acp and not scenario.generation.acp):
        return handler(machine, scenario, argv[1:])
    if argv[0].startswith("-"):
        return machine.say(replies.unknown_flag(argv[0], "[OPTIONS] [SUBCOMMAND]"))
    return machine.say(replies.unknown_command(argv[0]))


def _foreign(machine: Machine, version_text: str, argv: list[str]) -> int:
    """Be a program of the same name that is not Kiro's, and log every call that should not have come."""
    if argv in (["--version"], ["-V"]):
        return machine.say(Reply(out=f"{version_text}\n"))
    machine.log("foreign_called", argv=argv)
    return machine.say(Reply(out="Done.\n"))


def _chat(machine: Machine, scenario: Scenario, argv: list[str]) -> int:
    # `--version` and `whoami` are asked at every poll: what only the others need is imported with them.
    from kiro_tui.simulator import chat  # noqa: PLC0415 - see above

    return chat.run(machine, scenario, argv)


def _acp(machine: Machine, scenario: Scenario, argv: list[str]) -> int:
    from kiro_tui.simulator import acp  # noqa: PLC0415 - as for chat

    return acp.run(machine, scenario, argv)


def _help(machine: Machine, scenario: Scenario, _argv: list[str]) -> int:
    return machine.say(replies.main_help(scenario.generation))


def _version(machine: Machine, scenario: Scenario, _argv: list[str]) -> int:
    machine.pause(VERSION_SECONDS)
    failure = scenario.failures.get("version")
    if failure:
        return machine.say(replies.failure(failure, scenario.account))
    return machine.say(replies.version_line(scenario.version))


def _whoami(machine: Machine, scenario: Scenario, argv: list[str]) -> int:
    accepts: Accepts = {"--help": SWITCH}
    if scenario.generation.whoami_json:
        accepts["--format"] = ("plain", "json", "json-pretty")
    try:
        arguments = parse(argv, accepts, "whoami [OPTIONS]")
    except Refused as refused:
        return machine.say(refused.reply)
    machine.pause(WHOAMI_SECONDS)
    failure = scenario.failures.get("whoami")
    if failure in SERVICE_FAILURES:
        return machine.say(Reply(err=f"error: {replies.SERVICE_ERRORS[failure]}\n", status=1))
    if failure in SIGNED_OUT_FAILURES:
        scenario = replace(scenario, login="signed_out")
    elif failure:
        return machine.say(replies.failure(failure, scenario.account))
    as_json = arguments.flags.get("--format", "plain").startswith("json")
    status = machine.say(sign_in.whoami(scenario, as_json=as_json))
    refresh.refresh_sign_in(machine, scenario, "whoami")
    return status


def _login(machine: Machine, scenario: Scenario, _argv: list[str]) -> int:
    machine.out("Opening browser...\n")
    machine.open_browser(replies.SIGN_IN_PAGE)
    machine.pause(LOGIN_SECONDS)
    _remember(machine, "builder_id")
    if scenario.sign_in:
        refresh.renew(scenario.sign_in)
    return machine.say(Reply(out="Logged in successfully\n"))


def _logout(machine: Machine, _scenario: Scenario, _argv: list[str]) -> int:
    _remember(machine, "signed_out")
    return machine.say(Reply(out="You are now logged out\n"))


def _remember(machine: Machine, login: str) -> None:
    """Keep who is signed in for the next start, where there is a file for it."""
    if path := machine.environment.get("KIRO_SIM_FILE"):
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(f"\nKIRO_SIM_LOGIN={login}\n")


def _count_start(given: Mapping[str, str]) -> int:
    """Return how many starts there were before this one, and touch the executable where this one is an update."""
    if not (counter := given.get("COUNTER")):
        return 0
    descriptor = os.open(counter, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, b".")
        start = os.lseek(descriptor, 0, os.SEEK_CUR) - 1
    finally:
        os.close(descriptor)
    versions = given.get("VERSION", DEFAULT_VERSION)
    # The update is there before it is first used, as somebody who looks at the file would see it.
    updated = version_at(versions, start) != version_at(versions, start + 1)
    if updated and (executable := given.get("EXECUTABLE")):
        os.utime(executable)
    return start


def _text(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""


COMMANDS: dict[str, Callable[[Machine, Scenario, list[str]], int]] = {
    "chat": _chat,
    "acp": _acp,
    "whoami": _whoami,
    "login": _login,
    "logout": _logout,
    "--version": _version,
    "-V": _version,
    "--help": _help,
    "-h": _help,
    "help": _help,
}
