"""docs/performance.md: what was measured, how, and why an aim was missed; nothing in it is written by hand."""

from collections.abc import Iterator, Sequence

from benchmarks.processes import QUIET
from benchmarks.results import Results
from benchmarks.rows import REASONS, ROWS, Verdict, judge
from benchmarks.table import Cells, figures, growth
from benchmarks.trials import SIZES, STARTED

TITLE = "# What kiro-tui costs"
HOW = """## How it was measured

`make bench` on the machine above; it wrote this page. Every program ran on a terminal of its own (100 × 32), ours on a
home with a simulated kiro-cli that answers without a pause. All programs take turns in each of the {runs} rounds, and
the figures are medians.

- **At rest**: all stand side by side for {window:.0f} s, from {started:.0f} s after their launch. Processor time and
  wake-ups (voluntary switches of all threads) are the kernel's own counts.
- **Launch**: from before the fork until the text, or ten cells of anything, stood on the screen; that is worked out
  afterwards from the bytes and their times, so that only the program runs. Keys are heard when a Textual program has
  drawn its first own frame. Ours is launched as it usually is: not for the first time.
- **Memory**: proportional set size of all its processes; ours after {polls} questions.
- **Quitting**: from the key or the signal to the end of the process. Of the other programs only the key is timed: they
  leave the terminal broken when a signal ends them. That ours is as it was found is told by its modes and attributes.
- **A question**: what the dashboard's own source takes, less what the same kiro-cli takes alone on a terminal.
- **Event loop**: the longest time between two looks at what has come, while {polls} questions are asked, every screen
  and the palette are opened and left, and the pane is resized {resizes} times. The empty app has its palette opened.
- **spend**: processor time of all four tables over files in the page cache.
- **A long past**: 25 months of readings and 200,000 turns of sessions, against a month and 1,000. The interval holds 90
  of 100 ratios of medians that are drawn from the runs with repetition; *grew* means that all of it lies above 1.10.
"""
BUSY = "**The machine was not quiet**: others used {:.1f} processors. Times are too long; ratios hold better."


def page(results: Results) -> str:
    """Return the page."""
    return "\n".join(_lines(results)) + "\n"


def _lines(results: Results) -> Iterator[str]:
    samples = results.samples
    versions = ", ".join(f"{name} {version}" for name, version in results.versions.items())
    yield from (TITLE, "", f"{results.date}; {results.machine}; {versions}.", "")
    others = sorted(results.others)[len(results.others) // 2] if results.others else 0
    if others > QUIET:
        yield from (BUSY.format(others), "")
    yield from _markdown(figures(ROWS, samples))
    missed = [row for row in ROWS if judge(row, samples) in {Verdict.MUST, Verdict.MISSED} and row.aim]
    if missed:
        yield from ("", "## Aims that are missed, and why", "")
        yield from (f"- **{row.name}**: {REASONS.get(row.key, 'not looked into yet.')}" for row in missed)
    if free := [row for row in ROWS if not row.must and row.key in REASONS]:
        yield from ("", "## Shown without a bound, and why", "")
        yield from (f"- **{row.name}**: {REASONS[row.key]}" for row in free)
    yield from ("", "## With a long past", "", "The costs grow with what is shown, not with what is known.", "")
    yield from _markdown(growth(ROWS, samples))
    how = {"runs": results.runs, "window": results.window, "polls": results.polls}
    yield from ("", HOW.format(**how, started=STARTED, resizes=len(SIZES)).rstrip())


def _markdown(cells: Sequence[Cells]) -> Iterator[str]:
    headings, *lines = cells
    yield f"| {' | '.join(headings)} |"
    yield f"|{'---|' * len(headings)}"
    yield from (f"| {' | '.join(line)} |" for line in lines)
