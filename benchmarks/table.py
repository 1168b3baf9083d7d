"""The results as rows of text, for the terminal and for the page: figures, what they stand beside, and the verdicts."""

from collections.abc import Sequence
from enum import StrEnum

from benchmarks.programs import GROWN
from benchmarks.rows import Bound, Row, compared, judge
from benchmarks.samples import Samples, ratio, times

Cells = tuple[str, ...]

HEADINGS: Cells = ("", "kiro-tui", "beside it", "is", "must", "aim", "")
GROWTH_HEADINGS: Cells = ("", "a month", "25 months", "is", "in 90 of 100", "")
MOST_GROWTH = 1.1


class Growth(StrEnum):
    """What a long past does to a row."""

    HELD = "the same"
    UNSURE = "the same, as far as the noise lets see"
    GREW = "GREW"


def figures(rows: Sequence[Row], samples: Samples) -> list[Cells]:
    """Return the cells of each row."""
    return [HEADINGS, *(_cells(row, samples) for row in rows)]


def growth(rows: Sequence[Row], samples: Samples) -> list[Cells]:
    """Return the cells of each row that was measured with a long past too."""
    cells = [GROWTH_HEADINGS]
    for row in rows:
        before, after = row.of(row.program, samples), row.of(row.program + GROWN, samples)
        verdict = grown(row, samples)
        if verdict is not None and before is not None and after is not None:
            low, high = _change(row, samples)
            change, spread = f"{ratio(after, before):.2f} ×", f"{low:.2f} to {high:.2f}"
            cells.append((row.name, row.say(before), row.say(after), change, spread, verdict))
    return cells


def grown(row: Row, samples: Samples) -> Growth | None:
    """Return what a long past does to the row; None where that was not measured, or is not asked."""
    if not row.grows or row.of(row.program, samples) is None or row.of(row.program + GROWN, samples) is None:
        return None
    low, high = _change(row, samples)
    if low > MOST_GROWTH:
        return Growth.GREW
    return Growth.HELD if high <= MOST_GROWTH else Growth.UNSURE


def aligned(cells: Sequence[Cells]) -> str:
    """Return the cells as lines for a terminal."""
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "\n".join("  ".join(map(str.ljust, line, widths)).rstrip() for line in cells)


def _change(row: Row, samples: Samples) -> tuple[float, float]:
    name = row.measure.name
    return times(samples[row.program + GROWN][name], samples[row.program][name])


def _cells(row: Row, samples: Samples) -> Cells:
    figure = row.of(row.program, samples)
    beside = [(name, row.of(name, samples)) for name in row.anchors]
    return (
        row.name,
        "–" if figure is None else row.say(figure),
        ", ".join(f"{name} {row.say(anchor)}" for name, anchor in beside if anchor is not None),
        ", ".join(f"{times:.2f} × {name}" for name, times in compared(row, samples)),
        _bounds(row, row.must),
        _bounds(row, row.aim),
        judge(row, samples),
    )


def _bounds(row: Row, bounds: Sequence[Bound]) -> str:
    return ", ".join(f"{bound.most:g} × {bound.of}" if bound.of else row.say(bound.most) for bound in bounds)
