"""What can be said on the command line: one parser, from which the help, the completions and the man page come.

Must import nothing that takes time, and do nothing: what a command does stands in commands/.
"""

import argparse
from collections.abc import Sequence
from typing import NoReturn

from kiro_tui import __version__
from kiro_tui.domain.text import clean
from kiro_tui.errors import UsageError

OPTIONS = (
    ("--kiro-cli", "PATH", "the kiro-cli to ask (default: from PATH and the usual places)"),
    ("--source", "WAYS", "how to ask: auto, or some of report, acp, panel in order (default: auto)"),
    ("--timeout", "SECONDS", "time limit of one answer (default: 20)"),
    ("--interval", "SECONDS", "time between two questions, at least 30 (default: about 300, adaptive)"),
    ("--config", "FILE", "the settings file (default: ~/.config/kiro-tui/config.toml)"),
    ("--log", "FILE", "write down there what happens (default: nowhere)"),
)
"""What every command takes; each is also a key of the settings."""
VERSION = "--version"
HELP = ("-h", "--help")
LOOK_BACK = "only the last N days, today included"
AS_JSON = "as one JSON object"
INDENTED = "indent the JSON"
AS_CSV = "as CSV"


class _Parser(argparse.ArgumentParser):
    """Raises where argparse would exit, so that all mistakes are reported in one way."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(clean(message), f"See: {self.prog} --help")


def parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line; it raises UsageError, and SystemExit for --help."""
    shared = _options_of_all()
    whole = _Parser(
        prog="kiro-tui",
        description="A full-screen dashboard for AWS Kiro credits; without a command it opens.",
        epilog="Each option is also a key of the settings file and a variable, as in KIRO_TUI_INTERVAL=60.",
        parents=[shared],
        add_help=False,
        allow_abbrev=False,
    )
    whole.add_argument("--demo", action="store_true", help="open the dashboard on a simulated account")
    whole.add_argument("--line", action="store_true", help="open the dashboard as a single line, for a pane of one row")
    commands = whole.add_subparsers(dest="command", metavar="COMMAND", title="commands")

    def command(name: str, description: str, usage: str | None = None) -> argparse.ArgumentParser:
        return commands.add_parser(
            name,
            help=description,
            description=f"{description[0].upper()}{description[1:]}.",
            usage=usage,
            parents=[shared],
            add_help=False,
            allow_abbrev=False,
        )

    _status(command("status", "print one reading and exit"))
    _guard(command("guard", "succeed while enough is left, for scripts that must stop in time"))
    _history(command("history", "print past readings; history prune forgets what is too old"))
    _spend(command("spend", "print what the sessions on this machine used, from their own files"))
    _watch(command("watch", "print alerts as JSON lines, without a screen, and send them"))
    _alerts(command("alerts", "send one alert by every channel and say what happened"))
    _service(command("service", "print the unit that runs kiro-tui watch in the background"))
    _config(command("config", "print the settings and where each came from"))
    _completion(command("completion", "print the script that completes this command line in a shell"))
    _doctor(command("doctor", "try every way of asking kiro-cli and say what to do"))
    _record(command("record", "ask once and keep what kiro-cli said in a new file"))
    _replay(command("replay", "show a recording as it came and read it again"))
    command("simulate", "be a kiro-cli, for trying things", usage="kiro-tui simulate -- ARGS...")
    return whole


def asked_for_version(argv: Sequence[str]) -> argparse.Namespace | None:
    """Return the options of all commands where the version is asked for, whatever else is said; None where it is not.

    Raises UsageError where one of them lacks its value.
    """
    if next((each for each in argv if each in (VERSION, *HELP)), None) != VERSION:
        return None
    options = _Parser(prog="kiro-tui", add_help=False, allow_abbrev=False, argument_default=argparse.SUPPRESS)
    _take_options(options)
    return options.parse_known_args([each for each in argv if each not in (VERSION, *HELP)])[0]


def _options_of_all() -> _Parser:
    shared = _Parser(add_help=False, argument_default=argparse.SUPPRESS)
    group = shared.add_argument_group("options of all commands")
    _take_options(group)
    group.add_argument(
        VERSION,
        action="version",
        version=f"kiro-tui {__version__}",
        help="show the version, and those of Python and of the kiro-cli that would be asked",
    )
    group.add_argument(*HELP, action="help", help="show this text")
    return shared


def _take_options(parser_or_group: argparse._ActionsContainer) -> None:
    for name, value, explanation in OPTIONS:
        parser_or_group.add_argument(name, metavar=value, help=explanation)


def _status(status: argparse.ArgumentParser) -> None:
    status.add_argument("--json", action="store_true", help=AS_JSON)
    status.add_argument("--pretty", action="store_true", help=INDENTED)
    status.add_argument("--format", metavar="NAME|TEMPLATE", help="plain, tmux, waybar, prometheus, or a template")
    status.add_argument("--cached", action="store_true", help="print what is known; never start kiro-cli")
    status.add_argument("--max-age", metavar="SECONDS", help="ask only where the last reading is older")
    status.add_argument(
        "--refresh-in-background", action="store_true", help="print what is known at once, and ask behind it"
    )


def _guard(guard: argparse.ArgumentParser) -> None:
    guard.add_argument("--min-remaining", metavar="10%|25", help="how much must be left: a percent, or credits")
    guard.add_argument("--window", choices=("plan", "bonus", "any"), default="plan", help="of what (default: plan)")
    guard.add_argument("--max-age", metavar="SECONDS", help="ask only where the last reading is older (default: 300)")
    guard.add_argument("--fail-open", action="store_true", help="succeed where nothing can be learned")
    guard.add_argument("--json", action="store_true", help=AS_JSON)


def _history(history: argparse.ArgumentParser) -> None:
    history.add_argument("action", nargs="?", choices=("prune",), help="forget and thin out what is too old")
    history.add_argument("--days", metavar="N", help=LOOK_BACK)
    history.add_argument("--json", action="store_true", help=AS_JSON)
    history.add_argument("--pretty", action="store_true", help=INDENTED)
    history.add_argument("--csv", action="store_true", help=AS_CSV)


def _spend(spend: argparse.ArgumentParser) -> None:
    by = ("project", "session", "model", "day")
    spend.add_argument("--by", choices=by, default=by[0], help=f"{', '.join(by[:-1])} or {by[-1]} (default: {by[0]})")
    spend.add_argument("--days", metavar="N", help=LOOK_BACK)
    spend.add_argument("--json", action="store_true", help=AS_JSON)
    spend.add_argument("--csv", action="store_true", help=AS_CSV)


def _watch(watch: argparse.ArgumentParser) -> None:
    watch.add_argument("--print-only", action="store_true", help="print alerts and send them nowhere")


def _alerts(alerts: argparse.ArgumentParser) -> None:
    alerts.add_argument("action", choices=("test",), help="send one now")


def _service(service: argparse.ArgumentParser) -> None:
    service.add_argument("system", nargs="?", choices=("systemd", "launchd"), help="(default: this machine's own)")


def _config(config: argparse.ArgumentParser) -> None:
    what = config.add_mutually_exclusive_group()
    what.add_argument("--init", action="store_true", help="write a commented settings file, never over another")
    what.add_argument("--check", action="store_true", help="say everything that is wrong with the settings")
    what.add_argument("--path", action="store_true", help="print where the settings file is looked for")
    what.add_argument("--schema", action="store_true", help="print the JSON schema of the settings file, for editors")
    what.add_argument("--json", action="store_true", help=AS_JSON)


def _completion(completion: argparse.ArgumentParser) -> None:
    completion.add_argument("shell", choices=("bash", "zsh", "fish"), help="the shell")


def _doctor(doctor: argparse.ArgumentParser) -> None:
    doctor.add_argument("--json", action="store_true", help=AS_JSON)
    doctor.add_argument("--bundle", metavar="FILE", help="also write all of it, masked, to a new file for a bug report")


def _record(record: argparse.ArgumentParser) -> None:
    record.add_argument("file", metavar="FILE", help="the new file")
    record.add_argument("--unmasked", action="store_true", help="keep addresses, tokens and names as they are")


def _replay(replay: argparse.ArgumentParser) -> None:
    replay.add_argument("file", metavar="FILE", help="what was recorded")
    replay.add_argument("--fast", action="store_true", help="without the pauses")
