"""What was measured, run by run, and what can be said of it: medians, and how sure a comparison is."""

import random
from collections.abc import Sequence
from statistics import median, quantiles
from typing import NamedTuple

Samples = dict[str, dict[str, list[float]]]
"""For each program the measures by name, one figure for each run; seconds, bytes, MiB and counts as they are."""

DRAWS = 2000
SURE = 20
"""One of so many parts lies outside of an interval on each side: the middle 90 %."""


class Interval(NamedTuple):
    """Where a figure lies in nine of ten cases."""

    low: float
    high: float


def add(samples: Samples, program: str, **measured: float) -> None:
    """Take down what one run gave."""
    for name, figure in measured.items():
        samples.setdefault(program, {}).setdefault(name, []).append(figure)


def typical(samples: Samples, program: str, measure: str) -> float | None:
    """Return the median of all runs; None where that was not measured."""
    figures = samples.get(program, {}).get(measure)
    return median(figures) if figures else None


def times(one: Sequence[float], other: Sequence[float]) -> Interval:
    """Return the interval of the ratio of the medians, by drawing from the runs again and again."""
    chance = random.Random(0)  # noqa: S311 - statistics; the same runs always give the same interval

    def drawn(figures: Sequence[float]) -> float:
        return median(chance.choices(figures, k=len(figures)))

    ratios = [ratio(drawn(one), drawn(other)) for _ in range(DRAWS)]
    cuts = quantiles(ratios, n=SURE)
    return Interval(cuts[0], cuts[-1])


def ratio(one: float, other: float) -> float:
    """Return how many times the other it is; nothing is as much as nothing."""
    if one == other:
        return 1.0
    return one / other if other else float("inf")
