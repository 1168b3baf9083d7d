"""The command line: argv in, exit status out.

Imports the command that was asked for, and no other: `--help` and `--version` answer at once, and `status` works where
a dashboard cannot. The commands are the composition root: they open what they lend.

Exit statuses are those of errors.py; besides these 128 + signal when interrupted or terminated, and 70 with a
traceback for a bug of ours.
"""

import argparse
import os
import traceback
from collections.abc import Sequence
from typing import TYPE_CHECKING, NoReturn

from kiro_tui import __version__
from kiro_tui.domain.text import clean
from kiro_tui.errors import BUG_EXIT_STATUS, KiroTuiError, UsageError
from kiro_tui.streams import Unwritable, complain, complain_as_json, speak_utf8, write

if TYPE_CHECKING:
    from kiro_tui.settings import Settings

INTERRUPTED = 130
BEHIND = "--"
"""What stands behind it is not ours to read."""
OPTIONS = (
    ("--kiro-cli", "PATH", "the kiro-cli to ask (default: from PATH and the usual places)"),
    ("--source", "WAYS", "how to ask: auto, or some of report, acp, panel in order (default: auto)"),
    ("--timeout", "SECONDS", "time limit of one answer (default: 20)"),
    ("--interval", "SECONDS", "time between two questions, at least 30 (default: about 300, adaptive)"),
    ("--config", "FILE", "the settings file (default: ~/.config/kiro-tui/config.toml)"),
    ("--log", "FILE", "write down there what happens (default: nowhere)"),
)


def main(argv: Sequence[str]) -> int:
    """Run one command and return its exit status."""
    speak_utf8()
    own = argv[: argv.index(BEHIND)] if BEHIND in argv else argv
    try:
        return _reported(own, argv[len(own) + 1 :])
    except Unwritable as error:
        return complain(error)
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception:  # noqa: BLE001 - the one place that gives a bug its exit status; the traceback is printed
        traceback.print_exc()
        return BUG_EXIT_STATUS


def _reported(own: Sequence[str], behind: Sequence[str]) -> int:
    """Run the command; report what is wrong with it in the form that was asked for."""
    try:
        status = _run(own, behind)
        write("")  # what argparse printed must have arrived before we say that all is well
    except Unwritable:
        raise
    except KiroTuiError as error:
        return complain_as_json(error, pretty="--pretty" in own) if "--json" in own else complain(error)
    return status


class _Parser(argparse.ArgumentParser):
    """Raises where argparse would exit, so that all mistakes are reported in one way."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(clean(message), f"See: {self.prog} --help")


def _parser() -> argparse.ArgumentParser:
    shared = _Parser(add_help=False, argument_default=argparse.SUPPRESS)
    group = shared.add_argument_group("options of all commands")
    for name, value, explanation in OPTIONS:
        group.add_argument(name, metavar=value, help=explanation)
    group.add_argument("--version", action="version", version=f"kiro-tui {__version__}", help="show the version")
    group.add_argument("-h", "--help", action="help", help="show this text")

    parser = _Parser(
        prog="kiro-tui",
        description="A full-screen dashboard for AWS Kiro credits; without a command it opens.",
        epilog="Each option is also a key of the settings file and a variable, as in KIRO_TUI_INTERVAL=60.",
        parents=[shared],
        add_help=False,
        allow_abbrev=False,
    )
    parser.add_argument("--demo", action="store_true", help="open the dashboard on a simulated account")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")

    def command(name: str, description: str, usage: str | None = None) -> argparse.ArgumentParser:
        return commands.add_parser(
            name,
            help=description,
            description=f"{description.capitalize()}.",
            usage=usage,
            parents=[shared],
            add_help=False,
            allow_abbrev=False,
        )

    status = command("status", "print one reading and exit")
    status.add_argument("--json", action="store_true", help="as one JSON object")
    status.add_argument("--pretty", action="store_true", help="indent the JSON")
    spend = command("spend", "print what the sessions on this machine used, from their own files")
    by = ("project", "session", "model", "day")
    spend.add_argument("--by", choices=by, default=by[0], help=f"{', '.join(by[:-1])} or {by[-1]} (default: {by[0]})")
    spend.add_argument("--days", metavar="N", help="only the last N days, today included")
    spend.add_argument("--json", action="store_true", help="as one JSON object")
    spend.add_argument("--csv", action="store_true", help="as CSV")
    history = command("history", "print past readings; history prune forgets what is too old")
    history.add_argument("action", nargs="?", choices=("prune",), help="forget and thin out what is too old")
    history.add_argument("--days", metavar="N", help="only the last N days, today included")
    history.add_argument("--json", action="store_true", help="as one JSON object")
    history.add_argument("--pretty", action="store_true", help="indent the JSON")
    history.add_argument("--csv", action="store_true", help="as CSV")
    doctor = command("doctor", "try every way of asking kiro-cli and say what to do")
    doctor.add_argument("--json", action="store_true", help="as one JSON object")
    doctor.add_argument("--bundle", metavar="FILE", help="also write all of it, masked, to a new file for a bug report")
    record = command("record", "ask once and keep what kiro-cli said in a new file")
    record.add_argument("file", metavar="FILE")
    record.add_argument("--unmasked", action="store_true", help="keep addresses, tokens and names as they are")
    replay = command("replay", "show a recording as it came and read it again")
    replay.add_argument("file", metavar="FILE")
    replay.add_argument("--fast", action="store_true", help="without the pauses")
    command("simulate", "be a kiro-cli, for trying things", usage="kiro-tui simulate -- ARGS...")
    return parser


def _run(own: Sequence[str], behind: Sequence[str]) -> int:
    try:
        arguments = _parser().parse_args(own)
    except SystemExit:  # --help or --version has said it
        return 0
    if behind and arguments.command != "simulate":
        raise UsageError("Only simulate takes arguments behind --.", "See: kiro-tui --help")
    if arguments.demo and arguments.command:
        raise UsageError("--demo belongs to the dashboard, not to a command.", "Try: kiro-tui --demo")
    match arguments.command:
        case "simulate":
            from kiro_tui.simulator.cli import main as simulate  # noqa: PLC0415 - only for this command

            return simulate(behind, os.environ)
        case "status":
            if arguments.pretty and not arguments.json:
                raise UsageError("--pretty is for JSON.", "Try: kiro-tui status --json --pretty")
            from kiro_tui.commands import status  # noqa: PLC0415 - only for this command

            return status.run(_settings(arguments), as_json=arguments.json, pretty=arguments.pretty)
        case "spend" | "history":
            return _look_back(arguments)
        case "doctor" | "record" | "replay":
            return _look_into(arguments)
        case _:
            settings = _settings(arguments)
            from kiro_tui.commands import dashboard  # noqa: PLC0415 - this imports textual, which no other one may

            return dashboard.run(settings, demo=arguments.demo)


def _look_back(arguments: argparse.Namespace) -> int:
    """Run one of the commands that ask nobody and tell what was."""
    _settings(arguments)  # for the log, and because a wrong setting is told by every command
    if arguments.command == "spend":
        from kiro_tui.commands import spend  # noqa: PLC0415 - only for this command

        wanted = spend.Asked(arguments.by, arguments.days, json=arguments.json, csv=arguments.csv)
        return spend.run(wanted, account=spend.account_figure())
    from kiro_tui.commands import history  # noqa: PLC0415 - only for this command

    asked = history.Asked(arguments.days, json=arguments.json, csv=arguments.csv, pretty=arguments.pretty)
    if arguments.action is None:
        return history.run(asked)
    if asked != history.Asked():
        raise UsageError("prune takes no options of its own.", "Try: kiro-tui history prune")
    return history.prune()


def _look_into(arguments: argparse.Namespace) -> int:
    """Run one of the commands for when something does not work."""
    settings = _settings(arguments)
    if arguments.command == "doctor":
        from kiro_tui.commands import doctor  # noqa: PLC0415 - only for this command

        return doctor.run(settings, as_json=arguments.json, bundle_path=arguments.bundle)
    if arguments.command == "record":
        from kiro_tui.commands import record  # noqa: PLC0415 - only for this command

        return record.run(settings, arguments.file, unmasked=arguments.unmasked)
    from kiro_tui.commands import replay  # noqa: PLC0415 - only for this command

    return replay.run(settings, arguments.file, fast=arguments.fast)


def _settings(arguments: argparse.Namespace) -> "Settings":
    from kiro_tui.logfile import write_log_to  # noqa: PLC0415 - not for --help and --version
    from kiro_tui.settings import load  # noqa: PLC0415 - not for --help and --version

    keys = [name.removeprefix("--").replace("-", "_") for name, *_ in OPTIONS]
    settings = load({key: getattr(arguments, key) for key in keys if hasattr(arguments, key)}, os.environ)
    if settings.log:
        write_log_to(settings.log)
    return settings
