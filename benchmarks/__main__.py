"""`python -m benchmarks`: measure, print the table, write it down."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import benchmarks
from benchmarks.homes import MONTH, SOME_MONTHS, YEARS, Home
from benchmarks.page import page
from benchmarks.processes import wait_for_quiet
from benchmarks.programs import programs
from benchmarks.results import Results, begin, load, save
from benchmarks.rows import ROWS, Row, Verdict, judge
from benchmarks.table import Growth, aligned, figures, grown, growth
from benchmarks.trials import TRIALS, Bench

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results.json"
PAGE = ROOT / "docs" / "performance.md"
PATIENCE = 30.0
"""Seconds that each round waits for a quiet machine."""


def main() -> int:
    """Run the benchmark; the exit status is 1 where something that must hold does not, and that was asked for."""
    asked = _options().parse_args()
    rows = [row for row in ROWS if not asked.only or row.key in asked.only]
    results = load(asked.again) if asked.again else _measured(asked, rows)
    print(aligned(figures(rows, results.samples)))
    if len(told := growth(rows, results.samples)) > 1:
        print(f"\nWith a long past\n{aligned(told)}")
    if path := asked.page or (PAGE if _is_whole(asked, rows) else None):
        path.parent.mkdir(exist_ok=True)
        path.write_text(page(results), encoding="utf-8")
    return int(asked.check and not _holds(rows, results))


def _is_whole(asked: argparse.Namespace, rows: Sequence[Row]) -> bool:
    return not asked.quick and len(rows) == len(ROWS)


def _kept(asked: argparse.Namespace, rows: Sequence[Row]) -> Path | None:
    """Return where the figures go; those of a trial go nowhere by themselves."""
    path: Path | None = asked.json
    return path or (RESULTS if _is_whole(asked, rows) else None)


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=benchmarks.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--runs", type=int, default=5, help="so many rounds; the figures are medians (default: 5)")
    parser.add_argument("--quick", action="store_true", help="one short round: to see that all runs")
    parser.add_argument(
        "--only", action="append", metavar="ROW", choices=[row.key for row in ROWS], help="only this row"
    )
    parser.add_argument("--json", type=Path, help="write the figures here (a whole run: benchmarks/results.json)")
    parser.add_argument("--page", type=Path, help="write the page here (a whole run: docs/performance.md)")
    parser.add_argument("--again", type=Path, metavar="JSON", help="measure nothing: say again what was written there")
    parser.add_argument("--check", action="store_true", help="exit 1 where something that must hold does not")
    return parser


def _measured(asked: argparse.Namespace, rows: Sequence[Row]) -> Results:
    results, rounds = begin(*((15, 3) if asked.quick else (60, 20))), 1 if asked.quick else asked.runs
    wanted = {row.measure.trial for row in rows}
    lives = [MONTH] + ([SOME_MONTHS if asked.quick else YEARS] if any(row.needs_past for row in rows) else [])
    with TemporaryDirectory(prefix="kiro-tui-benchmark-") as folder:
        homes = [_lived(Home(Path(folder, str(number)), life)) for number, life in enumerate(lives)]
        known = {each.name: each for each in programs(*homes)}
        bench = Bench(known, homes[0], results.window, results.polls, results.samples)
        for number in range(rounds):
            wait_for_quiet(0 if asked.quick else PATIENCE)
            for name in filter(wanted.__contains__, TRIALS):
                results.others.append(wait_for_quiet(0))
                _say(f"round {number + 1} of {rounds}: {name} (others use {results.others[-1]:.2f} processors)")
                TRIALS[name](bench)
            results.runs += 1
            if path := _kept(asked, rows):
                save(results, path)  # a run is long, and may be broken off
    return results


def _lived(home: Home) -> Home:
    _say(f"making a home with {home.life.days} days of readings and {home.life.turns} turns")
    home.live()
    return home


def _holds(rows: Sequence[Row], results: Results) -> bool:
    samples = results.samples
    return not any(judge(row, samples) is Verdict.MISSED or grown(row, samples) is Growth.GREW for row in rows)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
