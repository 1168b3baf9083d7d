"""The completions, in the shells that they are for: a line is typed, TAB is pressed, and the screen is looked at."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from command_line import DASHBOARD, SHARE, files_in, generated, options_by_command
from installed import require
from pane import Pane

from kiro_tui.commands.completion import PLACES

ZSH = "; ".join(
    (
        f"fpath=({SHARE}/zsh/site-functions $fpath)",
        "autoload -Uz compinit && compinit -D -u",
        "unsetopt auto_menu; LISTMAX=0; PS1='$ '",
    )
)
BASH = "; ".join(
    (
        f"source {SHARE}/bash-completion/completions/kiro-tui",
        "bind 'set show-all-if-ambiguous on' 'set completion-query-items 0' 'set page-completions off'",
        "PS1='$ '",
    )
)
CASES = [
    ("kiro-tui st", ["kiro-tui status"]),
    ("kiro-tui ", ["guard", "simulate"]),
    ("kiro-tui guard --min", ["--min-remaining"]),
    ("kiro-tui --sou", ["kiro-tui --source"]),
    ("kiro-tui --source ", ["auto", "report", "acp", "panel"]),
    ("kiro-tui spend --by ", ["project", "session", "model", "day"]),
    ("kiro-tui guard --window b", ["--window bonus"]),
    ("kiro-tui status --format ", ["plain", "tmux", "waybar", "prometheus"]),
    ("kiro-tui history p", ["kiro-tui history prune"]),
    ("kiro-tui service l", ["kiro-tui service launchd"]),
    ("kiro-tui replay la", ["last-week.recording"]),
    ("kiro-tui --log la", ["--log last-week.recording"]),
]
LINES = [line for line, _ in CASES]


class Typed:
    """A shell on a terminal."""

    def __init__(self, pane: Pane) -> None:
        self._pane = pane

    def offers(self, line: str, words: list[str]) -> None:
        """Type that much of a line, press TAB, and fail unless the words come to stand on the screen."""
        self._pane.forget()
        self._pane.press("\x15\x0c")  # forget what was typed, clear the screen
        self._pane.until(lambda: self._pane.text.strip() == "$")
        self._pane.press(f"{line}\t")
        self._pane.shows(*words)


class Asked:
    """Fish, which tells what it would offer."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def offers(self, line: str, words: list[str]) -> None:
        done = subprocess.run(
            ["fish", "--command", 'complete --do-complete "$LINE"'],
            env={
                "LINE": line,
                "HOME": str(self._folder),
                "XDG_DATA_DIRS": str(SHARE),
                "PATH": f"{self._folder}:/usr/bin:/bin",
            },
            cwd=self._folder,
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        typed = line[: len(line) - len(line.rsplit(" ", maxsplit=1)[-1])]
        offered = {typed + row.split("\t")[0] for row in done.stdout.splitlines()}
        assert all(any(each.endswith(word) for each in offered) for word in words), done.stdout


@pytest.fixture(scope="module", params=["bash", "zsh", "fish"])
def shell(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Typed | Asked]:
    require(request.param)
    folder = tmp_path_factory.mktemp(request.param)
    (folder / "last-week.recording").touch()
    if request.param == "fish":
        (folder / "kiro-tui").symlink_to("/bin/true")  # it completes no program that is not there
        yield Asked(folder)
        return
    env = {"HOME": str(folder), "PATH": "/usr/bin:/bin", "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}
    argv = {"bash": ["bash", "--norc", "--noprofile", "-i"], "zsh": ["zsh", "-f", "-i"]}[request.param]
    with Pane(argv, env, columns=100, rows=60) as pane:
        pane.press(f"cd; {BASH if request.param == 'bash' else ZSH}\r")
        yield Typed(pane)


def test_the_kept_completions_are_those_that_the_parser_gives(tmp_path: Path) -> None:
    fresh = generated(tmp_path)

    assert files_in(SHARE) == fresh, "make generated, and commit what it wrote"


@pytest.mark.parametrize(("line", "words"), CASES, ids=LINES)
def test_tab_completes(shell: Typed | Asked, line: str, words: list[str]) -> None:
    shell.offers(line, words)


def test_tab_offers_every_option_of_every_command(shell: Typed | Asked) -> None:
    for command, options in options_by_command().items():
        long = [option for option in options if option.startswith("--")]
        shell.offers(" ".join(filter(None, ["kiro-tui", command, "--"])), long)


@pytest.mark.parametrize(("name", "place"), PLACES.items(), ids=PLACES)
def test_each_script_is_printed_for_who_installs_it_by_hand_even_where_the_settings_are_wrong(
    name: str, place: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "kiro_tui", "completion", name],
        env={"KIRO_TUI_TIMEOUT": "soon"},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )

    assert done.stdout == (SHARE / place).read_text()


def test_the_options_of_the_dashboard_are_looked_at_too() -> None:
    assert "--demo" in options_by_command()[DASHBOARD]
