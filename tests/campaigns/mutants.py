"""The code is broken in one place after the other: do the tests notice?

    PYTHONPATH=tests python -m campaigns.mutants --sample 300 --seed 1

What is changed is chosen by mutmut's operators, everywhere in a module but in annotations and decorators: mutmut's own
runner leaves out decorated functions and what stands outside of functions, and half of this house is properties and
tables. A mutant never touches the disk: a forked process imports it in the place of its module, and runs those tests,
quickest first, that come by the changed lines. Where nobody comes by, nobody notices, and that counts as such.
"""

import argparse
import os
import pickle
import random
import resource
import signal
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from difflib import ndiff
from enum import StrEnum
from importlib.abc import InspectLoader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_loader
from itertools import chain, zip_longest
from pathlib import Path
from types import CodeType, ModuleType
from typing import TYPE_CHECKING, cast

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider
from mutmut.mutation.mutators import mutation_operators

from campaigns import results
from campaigns.statistics import wilson

if TYPE_CHECKING:
    import pytest

ROOT = Path(__file__).parents[2]
PARTS = ("domain", "probe/reading", "probe/terminal")
NAMES = """
    alerts alerts_laws alerts_watch burn burndown cached cells course doctor forecast forecast_wording formats gauge
    guard history line month output pace page poller quiet report sequences spend stock terminal text usage_by
    usage_data witness wording
"""
TESTS = tuple(f"tests/test_{name}.py" for name in NAMES.split())
"""What runs in one process, without children and without waiting."""
BOMBS = ("mebibyte", "plain_pyte_screen_takes", "limit_of_bytes", "work_without_end", "thousands_of_odd")
"""Tests that take seconds by nature, and minutes while their lines are noted."""
TOO_SLOW = 1.5
"""Seconds of CPU that a test may take at most to be asked about mutants."""
PATIENCE = 20
"""Seconds of CPU after which a mutant is taken to run for ever."""
WANTED = 0.85

NEVER_CHANGED = (cst.Annotation, cst.Decorator, cst.Import, cst.ImportFrom)


class Fate(StrEnum):
    """What became of a mutant."""

    NOTICED = "noticed by a test"
    REFUSED = "not even importable"
    ENDLESS = "ran for ever"
    UNSEEN = "no test comes by"
    SURVIVED = "survived"


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change of one module."""

    path: str
    lines: range
    source: str

    @property
    def module(self) -> str:
        return self.path.removesuffix(".py").replace("/", ".")

    def change(self) -> tuple[str, str]:
        """Return what stood there, and what stands there now."""
        old = (ROOT / self.path).read_text(encoding="utf-8").splitlines()
        changes = [line for line in ndiff(old, self.source.splitlines()) if line[0] in "-+"]
        before, after = (" ".join(line[2:].strip() for line in changes if line[0] == sign) for sign in "-+")
        return before, after


@dataclass(frozen=True, slots=True)
class Verdict:
    """A mutant and its fate, without its source."""

    part: str
    path: str
    line: int
    before: str
    after: str
    fate: Fate

    @property
    def killed(self) -> bool:
        return self.fate not in {Fate.SURVIVED, Fate.UNSEEN}


# Making them ----------------------------------------------------------------------------------------------------------


def mutants(path: Path) -> Iterator[Callable[[], Mutant]]:
    """Yield how to make each mutant of a module."""
    wrapper = MetadataWrapper(cst.parse_module(path.read_text(encoding="utf-8")))
    positions = wrapper.resolve(PositionProvider)
    name = str(path.relative_to(ROOT))

    def make(old: cst.CSTNode, new: cst.CSTNode, lines: range) -> Callable[[], Mutant]:
        return lambda: Mutant(name, lines, wrapper.module.deep_replace(old, new).code)

    for node, statement in _nodes(wrapper.module, None):
        where = positions.get(statement or node)
        if where is None:
            continue
        lines = range(where.start.line, where.end.line + 1)
        for kind, operator in mutation_operators:
            if isinstance(node, kind):
                yield from (make(node, changed, lines) for changed in operator(node))


def _nodes(node: cst.CSTNode, statement: cst.CSTNode | None) -> Iterator[tuple[cst.CSTNode, cst.CSTNode | None]]:
    """Yield each node with the simple statement that it is in: a statement of many lines is run at its first."""
    statement = node if isinstance(node, cst.SimpleStatementLine) else statement
    yield node, statement
    for child in node.children:
        if not isinstance(child, NEVER_CHANGED):
            yield from _nodes(child, statement)


def sampled(part: str, size: int | None, seed: int) -> tuple[int, list[Callable[[], Mutant]]]:
    """Return how many mutants of a part there are, and a random sample of them."""
    everything = [make for path in sorted((ROOT / "kiro_tui" / part).glob("*.py")) for make in mutants(path)]
    chance = random.Random(f"{seed} {part}")  # noqa: S311 - to repeat a campaign, not to keep a secret
    return len(everything), everything if size is None else chance.sample(everything, min(size, len(everything)))


# Who comes by ---------------------------------------------------------------------------------------------------------


class Visits:
    """Which tests come by which lines, and how long each takes; a pytest plugin that finds it out."""

    def __init__(self) -> None:
        import coverage  # noqa: PLC0415 - only where it is asked for

        self._coverage = coverage.Coverage(data_file=None, source=[str(ROOT / "kiro_tui")], branch=False)
        self._seconds: dict[str, float] = {}
        self._failed: set[str] = set()
        self._began = 0.0

    def pytest_sessionstart(self) -> None:
        self._coverage.start()

    def pytest_sessionfinish(self) -> None:
        self._coverage.stop()

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self._coverage.switch_context(nodeid)
        self._began = time.process_time()

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        self._seconds[nodeid] = time.process_time() - self._began
        self._coverage.switch_context("")

    def pytest_runtest_logreport(self, report: "object") -> None:
        if getattr(report, "failed", False):
            self._failed.add(report.nodeid)  # type: ignore[attr-defined]  # pytest's own report

    def as_map(self) -> "Map":
        data = self._coverage.get_data()
        useful = {name for name, seconds in self._seconds.items() if seconds < TOO_SLOW} - self._failed
        lines: dict[str, dict[int, list[str]]] = {}
        for file in data.measured_files():
            by_line = data.contexts_by_lineno(file)
            lines[str(Path(file).relative_to(ROOT))] = {
                line: sorted(useful.intersection(names)) for line, names in by_line.items()
            }
        return Map(lines, self._seconds, sorted(self._failed))


@dataclass(frozen=True, slots=True)
class Map:
    """Lines of a module → the tests that run them."""

    lines: dict[str, dict[int, list[str]]]
    seconds: dict[str, float]
    failed: list[str]

    def tests_for(self, mutant: Mutant) -> list[list[str]]:
        """Return who comes by, by file; what runs at import is everybody's who uses that part at all.

        First comes the file with most tests for their time: as a rule it is the one about that module.
        """
        by_line = self.lines.get(mutant.path, {})
        found = {test for line in mutant.lines for test in by_line.get(line, ())}
        if not found and any(line in by_line for line in mutant.lines):
            found = self._users_of(str(Path(mutant.path).parent))
        files = defaultdict(list)
        for test in sorted(found, key=lambda test: (self.seconds[test], test)):
            files[test.partition("::")[0]].append(test)
        return sorted(files.values(), key=lambda tests: -len(tests) / (1 + sum(self.seconds[test] for test in tests)))

    def _users_of(self, part: str) -> set[str]:
        within = (by_line for path, by_line in self.lines.items() if str(Path(path).parent) == part)
        return {test for by_line in within for tests in by_line.values() for test in tests}


def visits(tests: Iterable[str]) -> Map:
    """Run all tests once, in a process of its own."""
    return cast("Map", pickle.loads(_forked(lambda: pickle.dumps(_visits(tests)))))  # noqa: S301 - our own fork said it


def _visits(tests: Iterable[str]) -> Map:
    found = Visits()
    _run_tests([*tests, "-q", "--no-header", "-n0", "-k", f"not ({' or '.join(BOMBS)})"], [found])
    return found.as_map()


def _forked(work: Callable[[], bytes]) -> bytes:
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        try:
            with os.fdopen(writing, "wb") as file:
                file.write(work())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as file:
        said = file.read()
    os.waitpid(pid, 0)
    return said


def _run_tests(argv: list[str], plugins: Iterable[object] = ()) -> int:
    import hypothesis  # noqa: PLC0415 - imported before the first fork, found here
    import pytest  # noqa: PLC0415 - the same

    # No shrinking: one failure is enough. No database: mutants must not learn from each other.
    phases = (hypothesis.Phase.explicit, hypothesis.Phase.generate)
    hypothesis.settings.register_profile("mutants", database=None, phases=phases, deadline=None)
    hypothesis.settings.load_profile("mutants")
    early = "ignore::pytest.PytestAssertRewriteWarning"  # plugins were imported before the first fork
    options = ["-p", "no:cacheprovider", "-W", early, "--hypothesis-seed=0", *argv]
    return int(pytest.main(options, plugins=list(plugins)))


# Trying them ----------------------------------------------------------------------------------------------------------


class Smuggler(MetaPathFinder, InspectLoader):
    """Gives the mutant to whoever imports its module."""

    def __init__(self, mutant: Mutant) -> None:
        self._mutant = mutant

    def find_spec(self, fullname: str, path: object, target: ModuleType | None = None) -> ModuleSpec | None:  # noqa: ARG002 - importlib's signature
        if fullname != self._mutant.module:
            return None
        return spec_from_loader(fullname, self, origin=str(ROOT / self._mutant.path))

    def get_source(self, fullname: str) -> str:  # noqa: ARG002 - importlib's signature
        return self._mutant.source

    def get_code(self, fullname: str) -> CodeType:
        return compile(self.get_source(fullname), str(ROOT / self._mutant.path), "exec")

    def is_package(self, fullname: str) -> bool:  # noqa: ARG002 - importlib's signature
        return False


class Only:
    """A pytest plugin that runs these tests, in this order."""

    def __init__(self, names: list[str]) -> None:
        self._order = {name: place for place, name in enumerate(names)}

    def pytest_collection_modifyitems(self, items: "list[pytest.Item]") -> None:
        items[:] = sorted(
            (item for item in items if item.nodeid in self._order), key=lambda item: self._order[item.nodeid]
        )


def try_out(mutant: Mutant, tests: list[list[str]]) -> Fate:
    """Run the tests on the mutant, a file at a time, until one notices."""
    fate = Fate.UNSEEN
    for of_a_file in tests:
        fate = _fate(mutant, of_a_file)
        if fate is not Fate.SURVIVED:
            break
    return fate


def _fate(mutant: Mutant, tests: list[str]) -> Fate:
    pid = os.fork()
    if pid == 0:
        _become(mutant, tests)
    _, status = os.waitpid(pid, 0)
    if os.WIFSIGNALED(status):
        return Fate.ENDLESS if os.WTERMSIG(status) in {signal.SIGXCPU, signal.SIGALRM} else Fate.NOTICED
    return {0: Fate.SURVIVED, 1: Fate.NOTICED}.get(os.waitstatus_to_exitcode(status), Fate.REFUSED)


def _become(mutant: Mutant, tests: list[str]) -> None:
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    resource.setrlimit(resource.RLIMIT_CPU, (PATIENCE, PATIENCE))
    resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
    signal.alarm(PATIENCE * 10)
    sys.meta_path.insert(0, Smuggler(mutant))
    status = 2
    try:
        # By their file and a choice from it: pytest looks for every single name in all that it has collected.
        status = _run_tests([tests[0].partition("::")[0], "-x", "-q"], [Only(tests)])
    finally:
        os._exit(status)


def _warm_up() -> None:
    """Import what every mutant needs, and nothing of ours: a fork has it for nothing."""
    for name in ("hypothesis.strategies", "pytest", "pytest_asyncio", "pyte", "wcwidth", "textual.app", "rich.text"):
        __import__(name)


# Counting them --------------------------------------------------------------------------------------------------------


def summary(verdicts: list[Verdict], totals: dict[str, int]) -> list[dict[str, object]]:
    """Return one row for each part."""
    rows: list[dict[str, object]] = []
    by_part = defaultdict(list)
    for verdict in verdicts:
        by_part[verdict.part].append(verdict)
    for part, tried in by_part.items():
        killed = sum(verdict.killed for verdict in tried)
        low, high = (killed / len(tried),) * 2 if len(tried) == totals[part] else wilson(killed, len(tried))
        fates = Counter(str(verdict.fate) for verdict in tried)
        rows.append(
            {"part": part, "mutants": totals[part], "tried": len(tried), "killed": killed, "share": killed / len(tried)}
            | {"low": low, "high": high, "fates": dict(fates)}
        )
    return rows


def main() -> int:
    """Run one campaign from the command line; 1 when too many survived."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--sample", type=int, default=None, help="mutants for each part; without it all of them")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--part", choices=PARTS, action="append")
    results.add_option(parser, "mutants")
    parser.add_argument("--visits", type=Path, help="keep in this file who comes by where, and take it from there")
    parser.add_argument("--minutes", type=float, default=None, help="try no more once so much time has passed")
    options = parser.parse_args()
    os.chdir(ROOT)
    _warm_up()
    where = _kept_visits(options.visits)
    began = time.monotonic()
    sys.stdout.write(f"{len(where.seconds)} tests, {len(where.failed)} of them failing {where.failed[:3]}\n")
    totals, chosen = {}, []
    for part in options.part or PARTS:
        totals[part], sample = sampled(part, options.sample, options.seed)
        chosen.append([(part, make) for make in sample])
    verdicts: list[Verdict] = []
    # The parts in turn, so that a campaign that is cut short has a sample of each.
    for part, make in filter(None, chain.from_iterable(zip_longest(*chosen))):
        if options.minutes and time.monotonic() - began > options.minutes * 60:
            break
        mutant = make()
        fate = try_out(mutant, where.tests_for(mutant))
        verdict = Verdict(part, mutant.path, mutant.lines.start, *mutant.change(), fate)
        verdicts.append(verdict)
        if not verdict.killed:
            sys.stdout.write(
                f"{len(verdicts)} {fate}: {verdict.path}:{verdict.line}\n  - {verdict.before}\n  + {verdict.after}\n"
            )
            sys.stdout.flush()
    rows = summary(verdicts, totals)
    for row in rows:
        sys.stdout.write(
            f"{row['part']:16} {row['killed']} of {row['tried']} killed, {row['share']:.1%}"
            f" ({row['low']:.1%} to {row['high']:.1%}), of {row['mutants']} mutants {row['fates']}\n"
        )
    survivors = [asdict(verdict) for verdict in verdicts if not verdict.killed]
    found = {"seed": options.seed, "sample": options.sample, "wanted": WANTED, "parts": rows, "survivors": survivors}
    results.keep(options, found | {"mutmut": _version_of_mutmut()})
    return int(any(float(str(row["share"])) < WANTED for row in rows))


def _kept_visits(path: Path | None) -> Map:
    if path is not None and path.exists():
        return cast("Map", pickle.loads(path.read_bytes()))  # noqa: S301 - who names it has written it
    found = visits(test for test in TESTS if (ROOT / test).exists())
    if path is not None:
        path.write_bytes(pickle.dumps(found))
    return found


def _version_of_mutmut() -> str:
    shown = subprocess.run([sys.executable, "-m", "pip", "show", "mutmut"], capture_output=True, text=True, check=False)
    return next((line.split()[1] for line in shown.stdout.splitlines() if line.startswith("Version")), "?")


if __name__ == "__main__":
    sys.exit(main())
