"""Random bytes, grammar-made bytes and true ones gone wrong, into every mouth of the program; crashers are kept.

    PYTHONPATH=tests python -m campaigns.fuzz --minutes 30 --seed 1

Two engines share the time of each target. Hypothesis knows the grammar and makes a crasher small by itself. Atheris
(libFuzzer) knows no grammar, but sees which lines and comparisons an input reaches and goes on from there: what only
a chain of lucky bytes leads to. Where atheris is not installed, as on most machines, the first has all of the time.

A crasher becomes a file of `tests/crashers/TARGET/`, which the tests replay for ever.
"""

import argparse
import logging
import re
import secrets
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from functools import partial
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed
from hypothesis import settings as how
from hypothesis.strategies import SearchStrategy

from campaigns import results

TESTS = Path(__file__).parents[1]
CRASHERS = TESTS / "crashers"
LONGEST = 20_000
"""Bytes of one input."""
SLOWEST = 30
"""Seconds after which one input is taken to hang."""
LARGEST_SEED = 1_000_000
BATCH = 400
MOST_CRASHES = 5
"""Different crashers of one target after which it has shown enough."""

Check = Callable[[bytes], None]


@dataclass
class Run:
    """What an engine did to a target."""

    target: str
    engine: str
    seed: int
    seconds: float = 0.0
    inputs: int = 0
    reached: int = 0
    """Places of the code, as libFuzzer counts them; 0 where the engine does not look."""
    crashers: list[str] = field(default_factory=list)


def main() -> int:
    """Run one campaign from the command line; 1 when something crashed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--minutes", type=float, default=30.0, help="for all targets together")
    parser.add_argument("--seed", type=int, default=None, help="random where it is not given, and always printed")
    parser.add_argument("--target", action="append", help="only this one")
    parser.add_argument("--crashers", type=Path, default=CRASHERS, help="where crashers are kept")
    parser.add_argument("--guided", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    results.add_option(parser, "fuzz")
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)  # what damaged files are reported as is not of interest here
    if options.guided:
        _be_guided(options.guided[0], options.guided[1:])
    from campaigns.targets import TARGETS  # noqa: PLC0415 - the guided process must import it instrumented

    if options.seed is None:
        options.seed = secrets.randbelow(LARGEST_SEED)
    chosen = options.target or list(TARGETS)
    engines: list[Callable[..., Run]] = [by_grammar] + ([by_coverage] if find_spec("atheris") else [])
    seconds = options.minutes * 60 / len(chosen) / len(engines)
    sys.stdout.write(f"seed {options.seed}, {seconds:.0f} s for each target and engine\n")
    runs = []
    for name in chosen:
        for engine in engines:
            run = engine(name, TARGETS[name].check, TARGETS[name].strategy, seconds, options.seed, options.crashers)
            runs.append(run)
            sys.stdout.write(
                f"{run.target:10} {run.engine:10} {run.inputs:10,} inputs {run.seconds:6.0f} s"
                f" {run.reached or '–':>7} places {len(run.crashers)} crashers\n"
            )
            sys.stdout.flush()
    results.keep(options, {"seed": options.seed, "minutes": options.minutes, "runs": [asdict(run) for run in runs]})
    return int(any(run.crashers for run in runs))


# By grammar -----------------------------------------------------------------------------------------------------------


def by_grammar(  # noqa: PLR0917 - both engines take the same
    name: str, check: Check, strategy: SearchStrategy[bytes], seconds: float, first_seed: int, keep_in: Path
) -> Run:
    """Feed it what the strategy makes, for so long."""
    run = Run(name, "grammar", first_seed)
    began = time.monotonic()
    known: set[str] = set()
    number = first_seed * 1_000_000
    while time.monotonic() - began < seconds and len(known) < MOST_CRASHES:
        number += 1
        failing: list[bytes] = []
        try:
            _batch(check, strategy, number, run, failing)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is what we look for
            if (place := _place(error)) not in known:
                known.add(place)
                run.crashers.append(keep(name, failing[-1], f"{place}: {error}", keep_in))
    run.seconds = time.monotonic() - began
    return run


def _batch(check: Check, strategy: SearchStrategy[bytes], number: int, run: Run, failing: list[bytes]) -> None:
    @seed(number)
    @how(
        max_examples=BATCH,
        database=None,
        deadline=None,
        phases=(Phase.generate, Phase.shrink),
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def trial(data: bytes) -> None:
        run.inputs += 1
        try:
            check(data)
        except BaseException:
            failing.append(data)  # hypothesis tries the smallest last
            raise

    trial()


def _place(error: BaseException) -> str:
    """Return the kind of error and where it came from; inputs that fail alike are one crasher."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {Path(last.filename).name}, {last.name}, line {last.lineno}"


# By coverage ----------------------------------------------------------------------------------------------------------


def by_coverage(  # noqa: PLR0917 - both engines take the same
    name: str, check: Check, strategy: SearchStrategy[bytes], seconds: float, first_seed: int, keep_in: Path
) -> Run:
    """Let libFuzzer feed it, from true inputs on, for so long; it runs in a process of its own, which a crash ends."""
    run = Run(name, "coverage", first_seed)
    del strategy  # it knows none
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        corpus, crashes = Path(folder, "corpus"), Path(folder, "crashes")
        corpus.mkdir()
        crashes.mkdir()
        while (left := seconds - (time.monotonic() - began)) > 1 and len(run.crashers) < MOST_CRASHES:
            said = _guided(name, corpus, crashes, left, first_seed)
            run.inputs += _number(r"stat::number_of_executed_units: *(\d+)", said) or _number(r"#(\d+)\s+\w+", said)
            run.reached = max(run.reached, _number(r"cov: (\d+)", said))
            found = sorted(crashes.iterdir())
            if not found:
                break
            for path in found:
                run.crashers += _examined(name, path.read_bytes(), check, said, keep_in)
                path.unlink()
    run.seconds = time.monotonic() - began
    run.crashers = list(dict.fromkeys(run.crashers))
    return run


def _guided(name: str, corpus: Path, crashes: Path, seconds: float, first_seed: int) -> str:
    options = [
        *(f"-max_total_time={max(int(seconds), 1)}", f"-seed={first_seed}", f"-artifact_prefix={crashes}/"),
        *(f"-timeout={SLOWEST}", f"-max_len={LONGEST}", "-rss_limit_mb=4096", "-print_final_stats=1", str(corpus)),
    ]
    argv = [sys.executable, "-m", "campaigns.fuzz", "--guided", name, *options]
    done = subprocess.run(argv, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    return done.stderr.decode(errors="replace")


def _number(pattern: str, text: str) -> int:
    return max((int(number) for number in re.findall(pattern, text)), default=0)


def _examined(name: str, data: bytes, check: Check, said: str, keep_in: Path) -> Iterator[str]:
    try:
        check(data)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what we look for
        place = _place(error)
        yield keep(name, smallest(data, partial(_fails_at, check, place)), f"{place}: {error}", keep_in)
    else:  # it hung, or ate too much memory
        yield keep(name, data, said[-300:], keep_in)


def _fails_at(check: Check, place: str, data: bytes) -> bool:
    try:
        check(data)
    except Exception as error:  # noqa: BLE001 - the same
        return _place(error) == place
    return False


def smallest(data: bytes, fails: Callable[[bytes], bool]) -> bytes:
    """Leave out what can be left out, in pieces that become smaller and smaller."""
    piece = max(len(data) // 2, 1)
    while True:
        at = 0
        while at < len(data):
            shorter = data[:at] + data[at + piece :]
            if fails(shorter):
                data = shorter
            else:
                at += piece
        if piece == 1:
            return data
        piece //= 2


def _be_guided(name: str, options: list[str]) -> None:
    """Be the process that libFuzzer runs in; does not return."""
    import atheris  # noqa: PLC0415 - only where it is installed, and only in this process

    with atheris.instrument_imports(include=["kiro_tui"]):
        from campaigns.targets import TARGETS  # noqa: PLC0415 - imported instrumented
    target = TARGETS[name]
    corpus = Path(options[-1])
    for number, data in enumerate(target.seeds()):
        (corpus / f"seed-{number}").write_bytes(data)
    atheris.Setup(["fuzz", *options], target.check)
    atheris.Fuzz()


# Crashers -------------------------------------------------------------------------------------------------------------


def keep(name: str, data: bytes, why: str, folder: Path) -> str:
    """Keep a crasher as a file, and say so."""
    path = folder / name / sha256(data).hexdigest()[:12]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    sys.stdout.write(f"CRASHER {path.name} of {name}: {why[:300]}\n  {data[:300]!r}\n")
    sys.stdout.flush()
    return f"{path.name}: {why[:300]}"


if __name__ == "__main__":
    sys.exit(main())
