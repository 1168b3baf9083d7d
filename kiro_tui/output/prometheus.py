"""What is known as metrics, in Prometheus' text format, for a textfile collector or a push gateway.

Pure. What is unknown is left out, so that no graph shows a 0 that nobody read. No sample has a time of its own, as the
textfile collector refuses those: how old the figures are is a metric. Must never put an address into a label.
"""

from kiro_tui.domain.card import Card, Figures, Pool
from kiro_tui.output.words import code_of

Labels = list[tuple[str, str]]
Samples = list[tuple[Labels, str]]

HELP = {
    "kiro_up": "Whether the last question to kiro-cli was answered.",
    "kiro_failure": "1 while the last question to kiro-cli failed, by the code of the error.",
    "kiro_last_reading_timestamp_seconds": "When the figures were read.",
    "kiro_plan_info": "1 for the plan of the account and the kiro-cli that told of it.",
    "kiro_credits_used": "Credits used of an allowance.",
    "kiro_credits_limit": "Credits that an allowance holds.",
    "kiro_credits_remaining": "Credits left of an allowance, 0 when more than its limit is used.",
    "kiro_credits_used_ratio": "Share of an allowance that is used, above 1 when it is more than the limit.",
    "kiro_allowance_end_timestamp_seconds": "When an allowance is reset or expires.",
    "kiro_overage_enabled": "Whether credits beyond the plan are allowed.",
    "kiro_overage_credits": "Credits used beyond the plan.",
    "kiro_overage_cost": "What the credits beyond the plan cost so far, in the currency of the label.",
}
"""Every metric there is, all of them gauges, with its explanation."""
DAY = 86400


def exposition(card: Card) -> str:
    """Return all metrics that have a value now."""
    samples = _of_question(card)
    if card.figures is not None:
        samples |= _of_figures(card.figures)
    return "".join(_family(name, samples[name]) for name in HELP if samples.get(name))


def _family(name: str, samples: Samples) -> str:
    lines = [f"# HELP {name} {HELP[name]}", f"# TYPE {name} gauge"]
    for labels, value in samples:
        said = ",".join(f'{label}="{_escaped(text)}"' for label, text in labels)
        lines.append(f"{name}{{{said}}} {value}" if said else f"{name} {value}")
    return "\n".join(lines) + "\n"


def _of_question(card: Card) -> dict[str, Samples]:
    code = code_of(card)
    return {"kiro_up": [([], "0" if code else "1")], "kiro_failure": [([("code", code)], "1")] if code else []}


def _of_figures(figures: Figures) -> dict[str, Samples]:
    pools = [(_labels(pool, figures, before), pool) for before, pool in _numbered(figures.pools)]
    samples: dict[str, Samples] = {
        "kiro_last_reading_timestamp_seconds": [([], _seconds(figures.taken_at))],
        "kiro_plan_info": [([("plan", figures.plan), ("kiro_cli_version", figures.version)], "1")],
        "kiro_credits_used": [(labels, pool.used) for labels, pool in pools],
        "kiro_credits_limit": [(labels, pool.limit) for labels, pool in pools if pool.limit],
        "kiro_credits_remaining": [(labels, pool.remaining) for labels, pool in pools if pool.remaining],
        "kiro_credits_used_ratio": [(labels, _ratio(pool.percent)) for labels, pool in pools if pool.percent],
        "kiro_allowance_end_timestamp_seconds": [
            (labels, end) for labels, pool in pools if (end := _end(pool, figures.taken_at))
        ],
    }
    overage = figures.overage
    if overage is not None:
        samples["kiro_overage_enabled"] = [([], "1" if overage.enabled else "0")]
        samples["kiro_overage_credits"] = [([], overage.credits)] if overage.credits else []
        samples["kiro_overage_cost"] = (
            [([("currency", overage.currency or "USD")], overage.cost)] if overage.cost else []
        )
    return samples


def _numbered(pools: tuple[Pool, ...]) -> list[tuple[int, Pool]]:
    """Return each pool with how many of its kind and label stand before it: no two series may have the same labels."""
    return [
        (sum(other.kind == pool.kind and other.label == pool.label for other in pools[:place]), pool)
        for place, pool in enumerate(pools)
    ]


def _labels(pool: Pool, figures: Figures, before: int) -> Labels:
    return [("kind", pool.kind), ("label", pool.label), ("number", str(before + 1)), ("plan", figures.plan)]


def _end(pool: Pool, taken_at: float) -> str:
    """Return when it ends; where only whole days are known, the earliest moment that they mean."""
    if pool.ends_at is not None:
        return _seconds(pool.ends_at)
    return "" if pool.ends_in_days is None else _seconds(taken_at + pool.ends_in_days * DAY)


def _seconds(moment: float) -> str:
    return f"{moment:.0f}"


def _ratio(percent: str) -> str:
    return f"{float(percent) / 100:.4f}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
