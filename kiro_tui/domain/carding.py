"""How what is known gets onto a card; see `card`. Pure."""

from decimal import Decimal

from kiro_tui.domain import card, wording
from kiro_tui.domain.card import Card, Figures, Pool, Trouble
from kiro_tui.domain.level import level_of
from kiro_tui.domain.state import Failure, Snapshot
from kiro_tui.domain.usage import NoteCode, Overage, Report, Window, WindowKind, display_name


def card_of(snapshot: Snapshot | None, failure: Failure | None) -> Card:
    """Return the card for the last reading and the last question, where that failed."""
    return Card(None if snapshot is None else figures_of(snapshot), None if failure is None else _trouble(failure))


def figures_of(snapshot: Snapshot) -> Figures:
    """Return what a card says of a reading."""
    report = snapshot.report
    return Figures(
        snapshot.taken_at.timestamp(),
        "" if report.plan is None else display_name(report.plan),
        snapshot.way.value,
        snapshot.version or "",
        managed=report.managed,
        pools=tuple(_pool(window, report) for window in report.windows),
        overage=None if report.overage is None else _overage(report.overage),
        notes=tuple(note.text for note in report.notes),
    )


def _pool(window: Window, report: Report) -> Pool:
    clamped = any(note.code is NoteCode.MAYBE_CLAMPED for note in report.notes)
    return Pool(
        window.kind.value,
        window.label,
        level_of(window).value,
        _text(window.used),
        _text(window.limit),
        _text(window.remaining),
        _text(window.used_percent),
        at_least=clamped and window.kind is WindowKind.PLAN and window.used == window.limit,
        ends_at=None if window.ends_at is None else window.ends_at.timestamp(),
        ends_in_days=window.ends_in_days,
        over=_text(window.used - window.limit) if window.limit is not None and window.used > window.limit else "",
    )


def _overage(overage: Overage) -> card.Overage:
    return card.Overage(
        overage.enabled, _text(overage.credits), _text(overage.cost), overage.currency or "", _in_words(overage)
    )


def _in_words(overage: Overage) -> str:
    if not overage.enabled and not overage.credits:
        return "off"
    said = ["on" if overage.enabled else "off"]
    if overage.credits is not None:
        said.append(f"{wording.amount(overage.credits)} credits used")
    if overage.cost is not None:
        said.append(f"{wording.money(overage.cost, overage.currency)} so far")
    if overage.cap is not None:
        said.append(f"at most {wording.money(overage.cap, overage.currency)}")
    if overage.rate is not None:
        said.append(f"{wording.money(overage.rate, overage.currency)} for one credit")
    return ", ".join(said)


def _trouble(failure: Failure) -> Trouble:
    error = failure.error
    return Trouble(failure.at.timestamp(), error.code, error.exit_status, error.message, error.hint)


def _text(value: Decimal | None) -> str:
    """Return an amount as it was printed, without an exponent."""
    return "" if value is None else f"{value:f}"
