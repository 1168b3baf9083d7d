"""The rules of the house, as a table and a few laws, each with a proof that it would notice.

A rule takes one module and yields what is wrong with it. What a rule allows stands beside it with its reason; an
allowance that nobody needs any more is an error too.
"""

import ast
import io
import re
import subprocess
import sys
import tokenize
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest

HOUSE = Path(__file__).parent.parent / "kiro_tui"
TESTS = Path(__file__).parent
LONGEST = 300

MAY_IMPORT: dict[str, str] = {
    "__init__": "",
    "errors": "",
    "clock": "",
    "whole_file": "",
    "scope": "",
    "choices": "",
    "keys": "",
    "folders": "",
    "first_frame": "__init__ folders whole_file",
    "domain": "errors",
    "output": "domain errors",
    "journal": "domain errors clock",
    "probe": "__init__ domain errors clock whole_file",
    "recording": "__init__ domain errors clock output probe",
    "activity": "clock",
    "rhythm": "domain clock",
    "alerts": "domain clock output probe",
    "poller": "domain errors clock rhythm",
    "cached": "__init__ domain folders output scope whole_file",
    "sharing": "cached scope domain errors clock journal poller",
    "spend": "domain errors clock whole_file",
    "settings": "choices keys domain errors whole_file",
    "logfile": "domain errors",
    "streams": "errors output",
    "ui": "first_frame alerts choices keys domain errors clock poller settings spend",
    "simulator": "",
    "commands": "cached scope __init__ first_frame choices keys domain errors clock output journal probe alerts "
    "poller activity sharing settings logfile streams spend ui recording simulator",
    "arguments": "__init__ domain errors",
    "cli": "first_frame arguments errors commands logfile settings simulator streams",
    "__main__": "cached first_frame cli",
}
"""Which part of kiro_tui may import which others, besides itself. What is not named here may not exist."""

WARDEN = {f"probe.process.{name}" for name in ("warden", "watch", "command", "descendants", "folder")}
"""The program that holds the children: it must start fast and stay alone, so that it imports nothing else of ours."""

HOMES: dict[str, set[str]] = {
    "textual": {"ui"},
    "rich": {"ui"},
    "pexpect": {"probe.process.warden"},
    "pyte": {"probe.terminal.screen"},
    "sqlite3": {"journal"},
    "platformdirs": {"settings"},
    "plotext": {"ui.chart"},
    "cattrs": {"settings.decoding"},
    "tomlkit": {"settings.saving"},
    "dbus_fast": {"alerts.desktop"},
    "time": {"clock", "cached.quick", "first_frame", "simulator", *WARDEN},
    "importlib": set(),
    "threading": {"ui.chart"},  # plotext has one figure, and charts are drawn by several threads
}
"""Where a library may be imported; the warden and the simulator are programs of their own, with time of their own."""

TELL_TIME = {"clock", "simulator"}
BLIND = {"cli": "gives a bug its exit status, with its traceback"}
LONG: dict[str, str] = {}
"""Modules past the limit, and why each is better in one piece."""


@dataclass(frozen=True)
class Module:
    """A source file, named as from within kiro_tui: `probe.process.warden`."""

    name: str
    source: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.source)

    @property
    def part(self) -> str:
        return self.name.split(".")[0]

    @cached_property
    def imports(self) -> set[str]:
        """Everything that is imported anywhere in it, in full; for `from a import b` also `a.b`."""
        found = set[str]()
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                origin = "." * node.level + (node.module or "")
                found |= {f"{origin}.{alias.name}" for alias in node.names}
        return found

    @property
    def imports_of_ours(self) -> set[str]:
        """The same for kiro_tui only, without its name; what is no module is cut to the module that holds it."""
        inside = {name.removeprefix("kiro_tui.") for name in self.imports if name.split(".")[0] == "kiro_tui"}
        return {_module(name) for name in inside}

    def lives_in(self, homes: set[str]) -> bool:
        return self.name in homes or self.part in homes


def _module(name: str) -> str:
    parts = name.split(".")
    while parts:
        path = HOUSE.joinpath(*parts)
        if path.with_suffix(".py").exists() or (path / "__init__.py").exists():
            return ".".join(parts)
        parts.pop()
    return "__init__"


def house() -> list[Module]:
    def name(path: Path) -> str:
        parts = path.relative_to(HOUSE).with_suffix("").parts
        return ".".join(parts[:-1] if len(parts) > 1 and parts[-1] == "__init__" else parts)

    return [Module(name(path), path.read_text(encoding="utf-8")) for path in sorted(HOUSE.rglob("*.py"))]


# The rules ------------------------------------------------------------------------------------------------------------


def imports_only_what_the_table_allows(module: Module) -> Iterator[str]:
    if module.part not in MAY_IMPORT:
        yield f"{module.part} has no place in the table"
        return
    allowed = {*MAY_IMPORT[module.part].split(), module.part}
    yield from (f"imports {name}" for name in module.imports_of_ours if name.split(".")[0] not in allowed)
    yield from (f"imports {name}, relatively" for name in module.imports if name.startswith("."))


def the_warden_stands_alone(module: Module) -> Iterator[str]:
    if module.name in WARDEN:
        yield from (f"imports {name}" for name in module.imports_of_ours - WARDEN - {"probe"})


def every_library_is_at_home(module: Module) -> Iterator[str]:
    for name in module.imports:
        library = name.split(".")[0]
        if library in HOMES and not module.lives_in(HOMES[library]):
            yield f"imports {name}"


def time_is_read_and_waited_for_in_one_place(module: Module) -> Iterator[str]:
    if module.lives_in(TELL_TIME):
        return
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute):
            said = ast.unparse(node)
            if re.fullmatch(r"(.+\.)?(asyncio\.sleep|datetime\.(now|utcnow|today)|date\.today)", said):
                yield f"line {node.lineno}: {said}"
    if "asyncio.sleep" in module.imports:
        yield "imports asyncio.sleep"


def opens_with_what_it_is_for(module: Module) -> Iterator[str]:
    if not ast.get_docstring(module.tree):
        yield "has no docstring"


def is_short_or_says_why_not(module: Module) -> Iterator[str]:
    lines = module.source.count("\n")
    if lines > LONGEST and module.name not in LONG:
        yield f"has {lines} lines"
    if lines <= LONGEST and module.name in LONG:
        yield "is short and need not be excused"


def catches_what_it_means(module: Module) -> Iterator[str]:
    blind = list(_blind_excepts(module.tree))
    if module.name not in BLIND:
        yield from blind
    elif not blind:
        yield "catches nothing blindly and need not be excused"


def _blind_excepts(tree: ast.Module) -> Iterator[str]:
    everything = {"Exception", "BaseException"}
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler):
            names = {part.id for part in ast.walk(node.type) if isinstance(part, ast.Name)} if node.type else everything
            goes_on = isinstance(node.body[-1], ast.Raise) and node.body[-1].exc is None
            if names & everything and not goes_on:
                yield f"line {node.lineno}: blind except"
        elif isinstance(node, ast.Call) and everything & {ast.unparse(argument) for argument in node.args}:
            yield f"line {node.lineno}: blind {ast.unparse(node.func)}"


def every_exception_to_a_check_has_its_reason(module: Module) -> Iterator[str]:
    for token in tokenize.generate_tokens(io.StringIO(module.source).readline):
        if token.type != tokenize.COMMENT:
            continue
        for kind, reasoned in (
            ("noqa", r"# noqa: [A-Z]+[0-9]+(, ?[A-Z]+[0-9]+)* ( ?#|-) \S.+"),
            ("type: ignore", r"# type: ignore\[[a-z, -]+\]  # \S.+"),
            ("pragma", r"# pragma: no cover - \S.+"),
        ):
            if re.match(rf"#\s*{kind}", token.string) and not re.fullmatch(reasoned, token.string):
                yield f"line {token.start[0]}: {token.string}"


def values_of_the_domain_are_frozen(module: Module) -> Iterator[str]:
    if not module.lives_in({"domain"}):
        return
    for node in ast.walk(module.tree):
        for decorator in getattr(node, "decorator_list", []):
            called = decorator.func if isinstance(decorator, ast.Call) else decorator
            said = {ast.unparse(each) for each in decorator.keywords} if isinstance(decorator, ast.Call) else set()
            if ast.unparse(called).split(".")[-1] in {"dataclass", "value"} and "frozen=True" not in said:
                yield f"line {node.lineno}: {node.name} can be changed"


def waits_with_the_one_helper(module: Module) -> Iterator[str]:
    """Tests wait for other programs with tests/waiting.py alone."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute) and ast.unparse(node) == "time.sleep" and module.name != "waiting":
            yield f"line {node.lineno}: sleeps"
        elif isinstance(node, ast.ImportFrom) and node.module == "time":
            yield f"line {node.lineno}: imports from time, which hides what is used of it"


def shows_text_and_not_markup(module: Module) -> Iterator[str]:
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.Call) or ast.unparse(node.func).split(".")[-1] not in {"Static", "Label", "notify"}:
            continue
        if "markup=False" not in {ast.unparse(each) for each in node.keywords}:
            yield f"line {node.lineno}: {ast.unparse(node.func)} without markup=False"


Rule = Callable[[Module], Iterator[str]]
RULES: tuple[Rule, ...] = (
    imports_only_what_the_table_allows,
    the_warden_stands_alone,
    every_library_is_at_home,
    time_is_read_and_waited_for_in_one_place,
    opens_with_what_it_is_for,
    is_short_or_says_why_not,
    catches_what_it_means,
    every_exception_to_a_check_has_its_reason,
    shows_text_and_not_markup,
    values_of_the_domain_are_frozen,
)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_every_module(rule: Rule) -> None:
    problems = [f"{module.name}: {problem}" for module in house() for problem in rule(module)]

    assert problems == []


@pytest.mark.parametrize("rule", [every_exception_to_a_check_has_its_reason, waits_with_the_one_helper])
def test_every_module_of_the_tests(rule: Rule) -> None:
    problems = [
        f"{path.name}: {problem}"
        for path in sorted(TESTS.glob("*.py"))
        for problem in rule(Module(path.stem, path.read_text(encoding="utf-8")))
    ]

    assert problems == []


@pytest.mark.parametrize(
    ("rule", "name", "source"),
    [
        (imports_only_what_the_table_allows, "ui.app", "from kiro_tui.probe.probe import Probe"),
        (imports_only_what_the_table_allows, "ui.app", "from kiro_tui import probe"),
        (imports_only_what_the_table_allows, "ui.app", "def f():\n    import kiro_tui.probe.process.child"),
        (imports_only_what_the_table_allows, "domain.usage", "from kiro_tui.clock import Clock"),
        (imports_only_what_the_table_allows, "output.as_json", "from kiro_tui import poller"),
        (imports_only_what_the_table_allows, "poller", "from kiro_tui.probe.probe import Probe"),
        (imports_only_what_the_table_allows, "errors", "import kiro_tui"),
        (imports_only_what_the_table_allows, "simulator.cli", "from kiro_tui.probe.reading.report import parse"),
        (imports_only_what_the_table_allows, "probe.probe", "from ..ui import app"),
        (imports_only_what_the_table_allows, "utils", "import os"),
        (the_warden_stands_alone, "probe.process.watch", "from kiro_tui.errors import ProbeError"),
        (the_warden_stands_alone, "probe.process.warden", "from kiro_tui.probe.reading.report import parse"),
        (every_library_is_at_home, "cli", "import textual.app"),
        (every_library_is_at_home, "commands.status", "from textual.app import App"),
        (every_library_is_at_home, "ui.app", "import pyte"),
        (every_library_is_at_home, "probe.process.child", "import pexpect"),
        (every_library_is_at_home, "probe.memory", "import sqlite3"),
        (every_library_is_at_home, "poller", "from time import sleep"),
        (every_library_is_at_home, "cli", "from importlib import import_module"),
        (time_is_read_and_waited_for_in_one_place, "poller", "import asyncio\nasync def f(): await asyncio.sleep(1)"),
        (time_is_read_and_waited_for_in_one_place, "poller", "from asyncio import sleep"),
        (time_is_read_and_waited_for_in_one_place, "domain.state", "from datetime import datetime\nx = datetime.now()"),
        (time_is_read_and_waited_for_in_one_place, "probe.reading.dates", "import datetime\nx = datetime.date.today()"),
        (time_is_read_and_waited_for_in_one_place, "ui.app", "import datetime\nx = datetime.datetime.utcnow"),
        (opens_with_what_it_is_for, "poller", "import os\n'''late'''"),
        (is_short_or_says_why_not, "poller", "\n" * (LONGEST + 1)),
        (catches_what_it_means, "poller", "try: f()\nexcept: pass"),
        (catches_what_it_means, "poller", "try: f()\nexcept Exception as error: log(error)"),
        (catches_what_it_means, "poller", "try: f()\nexcept (OSError, BaseException): raise ValueError"),
        (catches_what_it_means, "poller", "with contextlib.suppress(Exception): f()"),
        (catches_what_it_means, "cli", "try: f()\nexcept OSError: pass"),
        (every_exception_to_a_check_has_its_reason, "poller", "x = 1  # " + "noqa: F841"),
        (every_exception_to_a_check_has_its_reason, "poller", "x = 1  # " + "noqa"),
        (every_exception_to_a_check_has_its_reason, "poller", "x = 1  # " + "type: ignore[attr-defined]"),
        (every_exception_to_a_check_has_its_reason, "poller", "x = 1  # " + "type: ignore  # because"),
        (shows_text_and_not_markup, "ui.app", "Static(name)"),
        (values_of_the_domain_are_frozen, "domain.usage", "@dataclass\nclass Window: pass"),
        (values_of_the_domain_are_frozen, "domain.usage", "@dataclasses.dataclass(slots=True)\nclass Window: pass"),
        (values_of_the_domain_are_frozen, "domain.card", "@value(frozen=False)\nclass Card: pass"),
        (waits_with_the_one_helper, "test_it", "import time\nwhile not holds(): time.sleep(0.1)"),
        (waits_with_the_one_helper, "test_it", "from time import sleep"),
        (shows_text_and_not_markup, "ui.app", "self.notify(name, markup=True)"),
    ],
)
def test_the_rules_bite(rule: Rule, name: str, source: str) -> None:
    assert list(rule(Module(name, source)))


def test_the_rules_let_good_code_pass() -> None:
    good = Module(
        "poller",
        '"""What it is for."""\n'
        "import asyncio\n"
        "from kiro_tui.domain.state import State\n"
        "from kiro_tui.clock import Clock\n"
        "try:\n    f()  # noqa: F821 - a reason\nexcept BaseException:\n    tidy()\n    raise\n"
        "with suppress(OSError):\n    clock.sleep(1)\n"
        "Static(name, markup=False)\n",
    )

    assert [problem for rule in RULES for problem in rule(good)] == []


def test_every_part_of_the_table_that_stands_to_the_right_of_another_may_not_be_imported_by_it() -> None:
    for part, allowed in MAY_IMPORT.items():
        for other in allowed.split():
            assert part not in MAY_IMPORT[other].split(), f"{part} and {other} may import each other"


@pytest.mark.parametrize(
    ("module", "never"),
    [
        ("kiro_tui.cli", "textual pyte pexpect sqlite3 asyncio"),
        ("kiro_tui.commands.status", "textual pexpect sqlite3"),
        ("kiro_tui.commands.watch", "textual pyte pexpect sqlite3 plotext"),
        ("kiro_tui.commands.doctor", "textual pexpect sqlite3"),
        ("kiro_tui.commands.replay", "textual pexpect sqlite3"),
        ("kiro_tui.commands.spend", "textual pyte pexpect sqlite3 kiro_tui.probe"),
        ("kiro_tui.commands.history", "textual pyte pexpect plotext kiro_tui.probe"),
        ("kiro_tui.commands.alerts", "textual pyte pexpect sqlite3 dbus_fast"),
        ("kiro_tui.settings", "asyncio textual cattrs tomlkit tomllib difflib json"),
        ("kiro_tui.commands.config", "asyncio textual pyte pexpect sqlite3 cattrs tomlkit"),
        ("kiro_tui.poller", "textual pyte pexpect sqlite3"),
        ("kiro_tui.ui.app", "pyte pexpect sqlite3 plotext kiro_tui.probe"),
        ("kiro_tui.probe.process.warden", "asyncio textual pyte kiro_tui.errors kiro_tui.domain"),
        ("kiro_tui.simulator.cli", "asyncio textual pyte pexpect kiro_tui.probe kiro_tui.domain"),
        ("kiro_tui.domain.state", "asyncio textual pyte pexpect sqlite3 subprocess"),
    ],
)
def test_a_fresh_interpreter_that_imports_a_module_has_not_imported_what_it_must_do_without(
    module: str, never: str
) -> None:
    code = f"import sys, {module}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert module in done.stdout.split()
    assert not set(never.split()) & set(done.stdout.split())
