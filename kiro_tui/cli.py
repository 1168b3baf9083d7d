"""The command line: argv in, exit status out.

Imports the command that was asked for, and no other: `--help` and `--version` answer at once, and `status` works where
a dashboard cannot. The commands are the composition root: they open what they lend.

Exit statuses are those of errors.py; besides these 128 + signal when interrupted or terminated, and 70 with a
traceback for a bug of ours.
"""

import argparse
import gc
import os
import traceback
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from kiro_tui.arguments import OPTIONS, asked_for_version, parser
from kiro_tui.errors import BUG_EXIT_STATUS, KiroTuiError, UsageError
from kiro_tui.first_frame import NO_FRAME, FirstFrame
from kiro_tui.streams import Unwritable, complain, complain_as_json, speak_utf8, write

if TYPE_CHECKING:
    from kiro_tui.settings import Settings

INTERRUPTED = 130
BEHIND = "--"
"""What stands behind it is not ours to read."""


def main(argv: Sequence[str], frame: FirstFrame = NO_FRAME) -> int:
    """Run one command and return its exit status; the frame that was painted for it is taken over or taken away."""
    speak_utf8()
    own = argv[: argv.index(BEHIND)] if BEHIND in argv else argv
    try:
        return _reported(own, argv[len(own) + 1 :], frame)
    except Unwritable as error:
        return complain(error)
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception:  # noqa: BLE001 - the one place that gives a bug its exit status; the traceback is printed
        traceback.print_exc()
        return BUG_EXIT_STATUS


def _reported(own: Sequence[str], behind: Sequence[str], frame: FirstFrame) -> int:
    """Run the command; report what is wrong with it in the form that was asked for."""
    try:
        with frame:  # what is reported must not stand on it
            status = _run(own, behind, frame)
        write("")  # what argparse printed must have arrived before we say that all is well
    except Unwritable:
        raise
    except KiroTuiError as error:
        return complain_as_json(error, pretty="--pretty" in own) if "--json" in own else complain(error)
    return status


def _run(own: Sequence[str], behind: Sequence[str], frame: FirstFrame) -> int:
    if (asked := asked_for_version(own)) is not None:
        from kiro_tui.commands import version  # noqa: PLC0415 - only where it is asked for

        return version.run(_options(asked), os.environ)
    try:
        arguments = parser().parse_args(own)
    except SystemExit:  # --help has said it
        return 0
    if arguments.command == "simulate":
        from kiro_tui.simulator.cli import main as simulate  # noqa: PLC0415 - only for this command

        return simulate(behind, os.environ)
    if behind:
        raise UsageError("Only simulate takes arguments behind --.", "See: kiro-tui --help")
    if arguments.demo and arguments.command:
        raise UsageError("--demo belongs to the dashboard, not to a command.", "Try: kiro-tui --demo")
    if arguments.command in WITHOUT_SETTINGS:
        return WITHOUT_SETTINGS[arguments.command](arguments)
    settings = _settings(arguments)
    if arguments.command is None:
        return _dashboard(settings, arguments, frame)
    return COMMANDS[arguments.command](settings, arguments)


def _config(arguments: argparse.Namespace) -> int:
    from kiro_tui.commands import config  # noqa: PLC0415 - only for this command

    asked = config.Asked(
        init=arguments.init,
        check=arguments.check,
        path=arguments.path,
        schema=arguments.schema,
        json=arguments.json,
    )
    return config.run(asked, _options(arguments), os.environ)


def _completion(arguments: argparse.Namespace) -> int:
    from kiro_tui.commands import completion  # noqa: PLC0415 - only for this command

    return completion.run(arguments.shell)


def _dashboard(settings: "Settings", arguments: argparse.Namespace, frame: FirstFrame) -> int:
    gc.disable()  # nothing that is read now is garbage, and looking for it takes a tenth of the launch
    from kiro_tui.commands import dashboard  # noqa: PLC0415 - this imports textual, which no other one may

    gc.freeze()  # nor will it ever be
    gc.enable()
    return dashboard.run(settings, demo=arguments.demo, line=arguments.line, frame=frame)


def _status(settings: "Settings", arguments: argparse.Namespace) -> int:
    from kiro_tui.commands import status  # noqa: PLC0415 - only for this command

    asked = status.Asked(
        json=arguments.json,
        pretty=arguments.pretty,
        format=arguments.format,
        cached=arguments.cached,
        max_age=arguments.max_age,
        behind=arguments.refresh_in_background,
        options=_options_as_given(arguments),
    )
    return status.run(settings, asked)


def _guard(settings: "Settings", arguments: argparse.Namespace) -> int:
    from kiro_tui.commands import guard  # noqa: PLC0415 - only for this command

    asked = guard.Asked(
        arguments.min_remaining,
        arguments.window,
        arguments.max_age,
        fail_open=arguments.fail_open,
        json=arguments.json,
        options=_options_as_given(arguments),
    )
    return guard.run(settings, asked)


def _spend(settings: "Settings", arguments: argparse.Namespace) -> int:
    from kiro_tui.commands import spend  # noqa: PLC0415 - only for this command

    wanted = spend.Asked(arguments.by, arguments.days, json=arguments.json, csv=arguments.csv)
    return spend.run(wanted, account=spend.account_figure(), homes=settings.kiro_homes)


def _history(_settings: "Settings", arguments: argparse.Namespace) -> int:
    from kiro_tui.commands import history  # noqa: PLC0415 - only for this command

    asked = history.Asked(arguments.days, json=arguments.json, csv=arguments.csv, pretty=arguments.pretty)
    if arguments.action is None:
        return history.run(asked)
    if asked != history.Asked():
        raise UsageError("prune takes no options of its own.", "Try: kiro-tui history prune")
    return history.prune()


def _watch(settings: "Settings", arguments: argparse.Namespace) -> int:
    from kiro_tui.commands import watch  # noqa: PLC0415 - only for this command

    return watch.run(settings, print_only=arguments.print_only)


def _alerts(settings: "Settings", _arguments: argparse.Namespace) -> int:
    from kiro_tui.commands import alerts  # noqa: PLC0415 - only for this command

    return alerts.run(settings)


def _service(_settings: "Settings", arguments: argparse.Namespace) -> int:
    from kiro_tui.commands import service  # noqa: PLC0415 - only for this command

    return service.run(arguments.system)


def _doctor(settings: "Settings", arguments: argparse.Namespace) -> int:
    from kiro_tui.commands import doctor  # noqa: PLC0415 - only for this command

    return doctor.run(settings, as_json=arguments.json, bundle_path=arguments.bundle)


def _record(settings: "Settings", arguments: argparse.Namespace) -> int:
    from kiro_tui.commands import record  # noqa: PLC0415 - only for this command

    return record.run(settings, arguments.file, unmasked=arguments.unmasked)


def _replay(settings: "Settings", arguments: argparse.Namespace) -> int:
    from kiro_tui.commands import replay  # noqa: PLC0415 - only for this command

    return replay.run(settings, arguments.file, fast=arguments.fast)


COMMANDS: Mapping[str, Callable[["Settings", argparse.Namespace], int]] = {
    "status": _status,
    "guard": _guard,
    "history": _history,
    "spend": _spend,
    "watch": _watch,
    "alerts": _alerts,
    "service": _service,
    "doctor": _doctor,
    "record": _record,
    "replay": _replay,
}
"""The commands with what runs each; a wrong setting is told by each of them before it does anything."""


WITHOUT_SETTINGS: Mapping[str, Callable[[argparse.Namespace], int]] = {"config": _config, "completion": _completion}
"""The commands that must also serve where the settings are too broken to be loaded."""


def _settings(arguments: argparse.Namespace) -> "Settings":
    from kiro_tui.logfile import write_log_to  # noqa: PLC0415 - not for --help and --version
    from kiro_tui.settings import load  # noqa: PLC0415 - not for --help and --version

    settings = load(_options(arguments), os.environ)
    if settings.log:
        write_log_to(settings.log)
    return settings


def _options(arguments: argparse.Namespace) -> dict[str, str]:
    """Return those of the options of all commands that were given, by the keys that they have in the settings."""
    keys = [name.removeprefix("--").replace("-", "_") for name, *_ in OPTIONS]
    return {key: getattr(arguments, key) for key in keys if hasattr(arguments, key)}


def _options_as_given(arguments: argparse.Namespace) -> list[str]:
    """Return the same as words of a command line."""
    return [f"--{key.replace('_', '-')}={value}" for key, value in _options(arguments).items()]
