"""New random examples for the property tests: a counterexample becomes an `@example` of its test.

    PYTHONPATH=tests python -m campaigns.search --minutes 30 --seed 1

`make test` tries the same examples each time. This campaign runs the property tests again and again, each time with
another seed, and prints the seed of each round before it starts. Without `--seed` the first seed is random.

Hypothesis writes a patch that adds the counterexample to its test where libcst and black are installed, and the
campaign applies it. Where this is not possible the counterexample stands in the output, to be added by hand.
"""

import argparse
import os
import re
import secrets
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
LARGEST_SEED = 1_000_000_000
NOTHING_FAILED, SOME_FAILED = 0, 1


@dataclass(frozen=True)
class Round:
    """One run of the property tests."""

    seed: int
    status: int
    output: str
    patch: str | None = None
    """The file that adds what was found to the tests."""


def main() -> int:
    """Search from the command line; 1 when something was found, 2 when the tests could not be run."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--minutes", type=float, default=30.0, help="no round is started after that")
    parser.add_argument("--seed", type=int, default=None, help="of the first round; random where it is not given")
    parser.add_argument("--processes", default="auto", help="how many tests run at the same time")
    parser.add_argument("tests", nargs="*", default=["tests"], help="files of tests; all where none is given")
    options = parser.parse_args()
    first = secrets.randbelow(LARGEST_SEED) if options.seed is None else options.seed
    began, number = time.monotonic(), 0
    found: list[Round] = []
    while number == 0 or time.monotonic() - began < options.minutes * 60:
        _say(f"round {number + 1}, seed {first + number}")
        last = search(options.tests, first + number, ["--numprocesses", options.processes], ROOT)
        if last.status not in {NOTHING_FAILED, SOME_FAILED}:
            _say(last.output)
            return 2
        if last.status == SOME_FAILED:
            found.append(last)
            _say(last.output)
        number += 1
    _say(f"{number} rounds, seeds {first} to {first + number - 1}: {len(found)} found counterexamples")
    for each in found:  # only now, because a changed test may need an import before it can run again
        _say(f"seed {each.seed}: {_kept(each.patch)}")
    return int(found != [])


def search(tests: list[str], seed: int, options: list[str], folder: Path) -> Round:
    """Run the property tests once with examples that come from the seed."""
    argv = [
        *(sys.executable, "-m", "pytest", "--quiet", "--tb=short", "-m", "hypothesis", *options),
        *("--hypothesis-profile=search", f"--hypothesis-seed={seed}", *tests),
    ]
    # Set in the environment of some CI; it would make Hypothesis choose a profile of its own.
    env = {name: value for name, value in os.environ.items() if name != "CI"}
    done = subprocess.run(argv, cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    output = done.stdout.decode(errors="replace")
    patch = re.search(r"`git apply (.+?)` to add", output)
    return Round(seed, done.returncode, output, patch[1] if patch else None)


def _kept(patch: str | None) -> str:
    """Add what was found to the tests; return what is left to do."""
    if patch is None:
        return "add it to its test as an @example"
    done = subprocess.run(["git", "apply", patch], cwd=ROOT, capture_output=True, check=False)
    if done.returncode:
        return f"add it to its test: git apply {patch}"
    return "it was added to its test as an @example: see `git diff`, and import `example` where it is missing"


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
