"""Writes share/: the completions and the man page, from the one parser and the one list of settings.

`python packaging/generate.py [FOLDER]`, or `make generated`. What it writes is kept in the repository and installed by
the package as it is, so that neither needs what is imported here. It must depend on nothing but the source: no
clock, no terminal, no machine, and no version of Python.
"""

import argparse
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import shtab
from argparse_manpage.manpage import Manpage  # type: ignore[import-untyped]  # it ships no types

from kiro_tui import __version__
from kiro_tui.arguments import parser
from kiro_tui.commands.completion import PLACES
from kiro_tui.domain.state import Way
from kiro_tui.output.lines import NAMES as FORMATS
from kiro_tui.settings.catalogue import CATALOGUE

ROOT = Path(__file__).parent.parent
BY_HAND = Path(__file__).parent / "manual.roff"
MANUAL = "man/man1/kiro-tui.1"
FILES = {"FILE", "PATH"}
"""What an argument is called that is completed with the names of files."""
WORDS = {"WAYS": ("auto", *Way), "NAME|TEMPLATE": FORMATS}
"""The same for arguments that may be more than a word of a list."""
GROUP_OF_ALL = "options of all commands"
RELEASED = re.compile(r"^## \S+ \((\d{4}-\d{2}-\d{2})\)$", re.MULTILINE)


def main(folder: Path) -> None:
    """Write all of it below that folder."""
    os.environ["COLUMNS"] = "80"  # argparse wraps as wide as the terminal is
    generated = {place: completions(shell) for shell, place in PLACES.items()} | {MANUAL: manual()}
    for place, text in generated.items():
        path = folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def completions(shell: str) -> str:
    """Return the script that completes our command line in that shell."""
    whole = parser()
    for action in _all_actions(whole):
        if action.metavar in FILES:
            action.complete = shtab.FILE  # type: ignore[attr-defined]  # shtab looks for it there
        elif action.choices is None and action.metavar in WORDS:
            action.choices = WORDS[str(action.metavar)]
    # Its first lines tell how to install it by hand, which is wrong for a file that is in its place.
    text = re.sub(r"(?m)^# Usage:\n(?:# .*\n)+", "", shtab.complete(whole, shell=shell))
    return text.replace(shtab.__name__ + "\n", f"{shtab.__name__}, from the parser of kiro-tui\n", 1)


def manual() -> str:
    """Return the man page."""
    whole = parser()
    whole.usage, whole.epilog = "kiro-tui [OPTIONS] [COMMAND [OPTIONS]]", None
    commands = _commands(whole)
    for summary in commands._choices_actions:  # noqa: SLF001 - argparse has no other way
        summary.help = None  # the description says the same
    for name, command in commands.choices.items():
        groups = [group for group in command._action_groups if group.title != GROUP_OF_ALL]  # noqa: SLF001 - as above
        command._action_groups = groups  # noqa: SLF001 - the options of all commands are explained once
        positional = [_called(each) for each in command._actions if not each.option_strings]  # noqa: SLF001 - as above
        command.usage = command.usage or " ".join([f"kiro-tui {name}", "[OPTIONS]", *positional])
    page = Manpage(
        whole,
        {
            "project_name": "kiro-tui",
            "version": __version__,
            "date": release_date() or "unreleased",
            "manual_title": "User Commands",
            "description": "terminal dashboard for AWS Kiro credits",
            "include": str(BY_HAND),
        },
        format="single-commands-section",
    )
    page.add_section("environment", ">", _variables())
    return _tidied(str(page))


def _tidied(page: str) -> str:
    """Return the page without empty lines, which roff does not want, and with each command's usage on its own line."""
    lines = (line for line in page.splitlines() if line and line not in {"arguments:", "options:"})
    return "".join(re.sub(r"^usage: (.*)$", r".B \1\n.br", line) + "\n" for line in lines)


def release_date() -> str | None:
    """Return the day on which this version was released, None before that."""
    newest = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").partition("\n## ")[2].partition("\n")[0]
    found = RELEASED.match(f"## {newest}")
    return found[1] if found else None


def _variables() -> str:
    lines = [""]
    for entry in CATALOGUE.values():
        if entry.variable:
            lines += [".TP", rf"\fB{entry.variable}\fR", entry.explained.replace("\\", r"\e").replace("-", r"\-")]
    return "\n".join(lines)


def _called(positional: argparse.Action) -> str:
    name = str(positional.metavar or "|".join(map(str, positional.choices or [positional.dest])))
    return f"[{name}]" if positional.nargs == "?" else name


def _commands(whole: argparse.ArgumentParser) -> "argparse._SubParsersAction[argparse.ArgumentParser]":
    actions = whole._actions  # noqa: SLF001 - argparse has no other way
    (commands,) = (each for each in actions if isinstance(each, argparse._SubParsersAction))  # noqa: SLF001 - as above
    return commands


def _all_actions(whole: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    for each in (whole, *_commands(whole).choices.values()):
        yield from each._actions  # noqa: SLF001 - argparse has no other way


if __name__ == "__main__":
    main(Path(sys.argv[1]) if sys.argv[1:] else ROOT / "share")
