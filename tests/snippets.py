"""The fenced blocks of the documentation, and how each kind is tried: what stands there must work as it stands there.

The words behind a fence say what a block is: the first one for whoever colours it, the others for us, as in
`sh hook pre-push`. RUNNERS has one function for each kind, NOT_RUN a reason for each block that nobody runs. A new kind
of block needs a row in one of them.
"""

import configparser
import json
import re
import shlex
import shutil
import subprocess
import sys
import threading
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import MappingProxyType

from bar import Bar
from cards import reading
from installed import require
from pane import Pane
from world import ROOT

from kiro_tui.clock import SystemClock
from kiro_tui.domain.frame import Frame, Run
from kiro_tui.output import prometheus
from kiro_tui.probe.reading.report import parse

PAGES = ("README.md", "CONTRIBUTING.md", *sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")))
FENCE = re.compile(r"^( *)```(.*)$")


@dataclass(frozen=True)
class Block:
    """What stands between two fences."""

    page: str
    line: int
    kind: str
    text: str

    @property
    def name(self) -> str:
        return f"{self.page}:{self.line} {self.kind}"

    @property
    def first_line(self) -> str:
        return self.text.partition("\n")[0]


def blocks() -> Iterator[Block]:
    for page in PAGES:
        kind, begun, text = "", 0, list[str]()
        for number, line in enumerate((ROOT / page).read_text(encoding="utf-8").splitlines(), 1):
            fence = FENCE.match(line)
            if fence and not begun:
                kind, begun, text = fence[2].strip(), number, []
                indent = len(fence[1])
            elif fence:
                yield Block(page, begun, kind, "\n".join(text) + "\n")
                begun = 0
            elif begun:
                text.append(line[indent:])
        assert not begun, f"{page}:{begun}: this fence is not closed"


STAND_INS = {
    "systemctl": 'test "$1 $2 $3" = "--user enable --now" && grep -q ExecStart "$HOME/.config/systemd/user/$4"',
}
"""What would change the machine, and what it would complain about."""


class Desk(Bar):
    """A machine on which a person tries what is written: kiro-tui and kiro-cli lie in PATH, and a reading was kept."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        ours = f'PYTHONPATH={shlex.quote(str(ROOT))} exec {shlex.quote(sys.executable)} -m kiro_tui "$@"'
        for name, script in {"kiro-tui": ours, **STAND_INS}.items():
            (folder / name).write_text(f"#!/bin/sh\n{script}\n")
            (folder / name).chmod(0o755)
        self.env |= {"USER": "me", "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"}
        for name in (".config/kiro-tui", ".config/systemd/user", "config/kiro-tui"):
            (folder / name).mkdir(parents=True)
        self.have("640.25")

    def have(self, used: str) -> None:
        """Have so many of 2000 credits used, as was read just now."""
        self.know(reading(used, taken_at=SystemClock().now()))

    def place(self, name: str) -> Path:
        """A new folder."""
        path = self.folder / name / str(len(list(self.folder.glob(f"{name}/*"))))
        path.mkdir(parents=True)
        return path

    def sh(self, command: str, *, by: str = "sh", stdin: str = "", **env: str) -> subprocess.CompletedProcess[str]:
        """Run it as the program does that the snippet is for."""
        return subprocess.run(
            [by, "-c", command],
            input=stdin, env={**self.env, **env}, cwd=self.place("cwd"), capture_output=True, text=True, timeout=120,
            check=False,
        )  # fmt: skip


def promtool(*arguments: str | Path, stdin: str = "") -> None:
    require("promtool")
    done = subprocess.run(["promtool", *arguments], input=stdin, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


# How each kind is tried -----------------------------------------------------------------------------------------------


def commands(block: Block, desk: Desk) -> None:
    """Lines that each call kiro-tui are tried one by one, each where no file is yet; anything else as one script."""
    lines = block.text.splitlines()
    single = all(line.startswith(("kiro-tui ", "#")) and not line.endswith(("|", "\\")) for line in lines)
    for command in lines if single else [block.text]:
        done = desk.sh(f"set -e\n{command}", by="bash")
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"


def installation(block: Block, _desk: Desk) -> None:
    """A script tries it in a system of its own, with these very commands; that system is not Arch."""
    script = (ROOT / "packaging" / "try-in-clean-root").read_text()
    assert subprocess.run(["bash", "-n", "-c", block.text], check=False).returncode == 0
    if "makepkg" not in block.text:
        assert [line for line in block.text.splitlines() if line not in script] == []


def settings_file(block: Block, desk: Desk) -> None:
    path = desk.place("settings") / "config.toml"
    path.write_text(block.text)
    done = desk.sh(f"kiro-tui config --check --config {path}")
    assert done.returncode == 0, done.stderr


def example(block: Block, _desk: Desk) -> None:
    assert json.loads(block.text)


def tmux(block: Block, desk: Desk) -> None:
    """tmux itself reads it, and a person sees the line."""
    require("tmux")
    config = desk.place("tmux") / "tmux.conf"
    config.write_text(block.text)
    program = ("tmux", "-L", f"kiro-{desk.mark}", "-f", str(config))
    try:
        with Pane((*program, "new-session", "sh"), desk.env, columns=100, rows=10) as pane:
            pane.shows("Kiro 32% 7d")
    finally:
        subprocess.run([*program, "kill-server"], env=desk.env, capture_output=True, check=False)


def waybar(block: Block, desk: Desk) -> None:
    module = json.loads(re.sub(r"^\s*//.*$", "", block.text, flags=re.MULTILINE))["custom/kiro"]
    assert module["return-type"] == "json"
    done = desk.sh(module["exec"])
    assert (done.returncode, json.loads(done.stdout)["text"]) == (0, "Kiro 32% 7d")


def waybar_style(block: Block, _desk: Desk) -> None:
    known = {"calm", "warn", "high", "used-up", "spent", "over", "unknown", "error", "stale"}
    assert set(re.findall(r"#custom-kiro\.([a-z-]+)", block.text)) <= known
    assert block.text.count("{") == block.text.count("}") > 0


def starship(block: Block, desk: Desk) -> None:
    """Its command runs as Starship runs it; Starship itself draws it where it is installed."""
    module = tomllib.loads(block.text)["custom"]["kiro"]
    done = desk.sh(module["command"], by=module["shell"][0])
    assert (done.returncode, done.stdout) == (0, "32% \n")
    if shutil.which("starship"):
        config = desk.place("starship") / "starship.toml"
        config.write_text(block.text)
        assert "32%" in desk.sh("starship module custom.kiro", STARSHIP_CONFIG=str(config)).stdout


def zjstatus(block: Block, desk: Desk) -> None:
    """zjstatus starts the program itself: no shell reads the command."""
    options = dict(re.findall(r'^ *command_kiro_(\w+) +"(.*)"$', block.text, re.MULTILINE))
    assert set(options) == {"command", "format", "interval", "rendermode"}
    assert block.text.count("{\n") == len(re.findall(r"^ *}$", block.text, re.MULTILINE))
    program = shlex.split(options["command"])
    done = subprocess.run(program, env=desk.env, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "Kiro 32% \n")


def polybar(block: Block, desk: Desk) -> None:
    config = configparser.ConfigParser(interpolation=None, comment_prefixes=";")
    config.read_string(block.text)
    module = config["module/kiro"]
    assert module["type"] == "custom/script"
    done = desk.sh(module["exec"])
    assert (done.returncode, done.stdout) == (0, "Kiro 32% 7d 21h \n")


def kiro_hook(block: Block, desk: Desk) -> None:
    """The command gets an event, and stops the tool by its status only where too little is left."""
    hooks = json.loads(block.text)["hooks"]
    command = hooks[0]["action"]["command"] if isinstance(hooks, list) else hooks["preToolUse"][0]["command"]
    event = json.dumps({"hook_event_name": "preToolUse", "cwd": "/", "tool_name": "shell", "tool_input": {}})
    enough = desk.sh(command, stdin=event)
    desk.have("1990")
    too_little = desk.sh(command, stdin=event)

    assert (enough.returncode, enough.stdout, enough.stderr) == (0, "", "")
    assert (too_little.returncode, too_little.stdout) == (2, "")
    assert "Less than 5% left" in too_little.stderr


def usage_report(block: Block, _desk: Desk) -> None:
    """The parser reads figures from the screen."""
    rows = tuple((Run(line),) for line in block.text.splitlines())
    assert parse(Frame(120, rows), now=SystemClock().now()).windows


def guard_document(block: Block, desk: Desk) -> None:
    """It is what the command prints, but for when that was."""
    printed, shown = json.loads(desk.sh("kiro-tui guard --min-remaining 10% --json").stdout), json.loads(block.text)
    assert list(printed) == list(shown)
    assert {**printed, "taken_at": None, "age_seconds": None} == {**shown, "taken_at": None, "age_seconds": None}


def pre_push(block: Block, desk: Desk) -> None:
    """git itself runs it before a push."""
    require("git")
    here = desk.place("git")
    quiet = "git -C work -c user.name=me -c user.email=me@example.com"
    ready = f"cd {here} && git init -q --bare away && git init -q work && {quiet} commit -q --allow-empty -m one"
    assert desk.sh(ready).returncode == 0
    hook = here / "work" / ".git" / "hooks" / "pre-push"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(block.text)
    hook.chmod(0o755)
    push = f"git -C {here}/work push -q {here}/away HEAD:main"
    desk.have("1990")
    refused = desk.sh(push)
    desk.have("640.25")

    assert refused.returncode != 0
    assert "Less than 5% left" in refused.stderr
    assert not any((here / "away" / "refs" / "heads").iterdir())
    assert desk.sh(push).returncode == 0


def textfile(block: Block, desk: Desk) -> None:
    folder = desk.place("textfile")
    done = desk.sh(block.text, TEXTFILE_FOLDER=str(folder))
    assert done.returncode == 0, done.stderr
    (written,) = folder.iterdir()
    assert re.fullmatch(r"kiro-.+\.prom", written.name)
    assert "kiro_credits_used{" in written.read_text()
    promtool("check", "metrics", stdin=written.read_text())


def crontab(block: Block, _desk: Desk) -> None:
    assert re.fullmatch(r"(\S+ ){5}\S+/kiro-metrics\n", block.text)


def push(block: Block, desk: Desk) -> None:
    require("curl")
    got: list[tuple[str, str]] = []

    class Gateway(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append((self.path, self.rfile.read(int(self.headers["Content-Length"])).decode()))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Gateway) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        done = desk.sh(block.text, PUSH_GATEWAY=f"http://127.0.0.1:{server.server_port}", no_proxy="*")
        server.shutdown()
        serving.join()
    assert done.returncode == 0, done.stderr
    ((path, body),) = got
    assert path.startswith("/metrics/job/kiro/person/")
    assert "kiro_up 1\n" in body


def rules(block: Block, desk: Desk) -> None:
    path = desk.place("rules") / "rules.yml"
    path.write_text(block.text)
    assert set(re.findall(r"\bkiro_[a-z_]+", block.text)) <= set(prometheus.HELP)
    promtool("check", "rules", path)


def scrape_config(block: Block, desk: Desk) -> None:
    path = desk.place("config") / "prometheus.yml"
    path.write_text(block.text)
    promtool("check", "config", path)


RUNNERS: Mapping[str, Callable[[Block, Desk], None]] = MappingProxyType(
    {
        "sh": commands,
        "sh install": installation,
        "toml": settings_file,
        "json": example,
        "tmux": tmux,
        "jsonc waybar": waybar,
        "css waybar": waybar_style,
        "toml starship": starship,
        "kdl zjstatus": zjstatus,
        "ini polybar": polybar,
        "text report": usage_report,
        "json guard": guard_document,
        "json kiro-hooks": kiro_hook,
        "json kiro-agent": kiro_hook,
        "sh hook pre-push": pre_push,
        "sh textfile": textfile,
        "text crontab": crontab,
        "sh push": push,
        "yaml prometheus-rules": rules,
        "yaml prometheus-config": scrape_config,
    }
)
"""By what stands behind the fence."""

NOT_RUN: Mapping[tuple[str, str], str] = MappingProxyType(
    {
        ("README.md", "make demo    # the dashboard on a simulated account: two months pass in ten minutes"): (
            "a screen, and the very tests that this is one of"
        ),
        ("README.md", "tmux split-window -h -l 50 kiro-tui"): "test_tmux.py opens the dashboard in a pane",
        ("CONTRIBUTING.md", "kiro_tui/"): "a list of folders",
        ("docs/alerts.md", "bell      sent        rang once"): "what a command prints; test_watch.py runs the command",
        ("docs/alerts.md", "# ~/.tmux.conf"): "one line for each of two versions of tmux",
    }
)
"""By the page and the block's first line."""
