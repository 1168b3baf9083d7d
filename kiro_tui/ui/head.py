"""The first row of the page: whose account it is, and a dot that says what is happening.

Pure. Where the row is too short, the person's details go first and the dot last.
"""

from kiro_tui.domain import wording
from kiro_tui.domain.state import Asking, Resting, Why, freshness
from kiro_tui.domain.usage import display_name, mask_email
from kiro_tui.domain.wording import FOR_EVER
from kiro_tui.ui.glyphs import DOT, HOLLOW_DOT, SPINNER
from kiro_tui.ui.line import Line, Role, Span, first_that_fits, joined
from kiro_tui.ui.view import View


def head(view: View, cells: int, *, tiny: bool) -> tuple[Line, float]:
    """Return the row and for how many seconds it stays true; a tiny page names nobody and gives the age."""
    status, lasts = activity(view, tiny=tiny)
    plan = _plan_name(view)
    who = [] if tiny else _who(view)
    demo = (Span("   demo: no account, simulated figures", Role.WARN),) if view.demo else ()
    short_demo = (Span("  demo", Role.WARN),) if view.demo else ()
    choices = [Line((*plan, *demo, *_aside(who[:kept])), status) for kept in range(len(who), -1, -1)]
    choices += [Line((*plan, *short_demo, *_aside(who[:1])), status)]
    choices += [Line((*plan, *short_demo), status), Line((*plan, *short_demo), status[:1])]
    return first_that_fits(cells, choices), lasts


def _aside(facts: list[str]) -> tuple[Span, ...]:
    return (Span("   "), joined(facts)) if facts else ()


def _plan_name(view: View) -> tuple[Span, ...]:
    latest = view.state.latest
    name = display_name(latest.report.plan) if latest and latest.report.plan else ""
    first, _, rest = name.partition(" ")
    if first == "Kiro":
        return (Span("Kiro", Role.BRAND), Span(f" {rest}", Role.NAME)) if rest else (Span("Kiro", Role.BRAND),)
    return (Span("Kiro", Role.BRAND), Span(f" {name}", Role.NAME)) if name else (Span("Kiro", Role.BRAND),)


def _who(view: View) -> list[str]:
    latest = view.state.latest
    if latest is None:
        return []
    account, said = latest.account, []
    if account is not None:
        email = account.email or ""
        said = [account.login_method, email if view.show_email else mask_email(email) if email else ""]
        said.append(account.organization or "")
    if latest.report.managed:
        said.append("managed by an administrator")
    elif latest.report.organization:
        said.append("through an organisation")
    return [part for part in said if part]


def activity(view: View, *, tiny: bool) -> tuple[tuple[Span, ...], float]:
    """The dot and its word; on a tiny page the word is the age."""
    state = view.state
    fresh = freshness(state, view.now)
    if view.remembered:
        as_of = f" as of {wording.local_time(view.now, view.zone, view.now)}"
        return (Span(HOLLOW_DOT, Role.DIM), Span(as_of, Role.DIM)), FOR_EVER
    if isinstance(state.activity, Asking):
        turning = SPINNER[view.beat % len(SPINNER)]
        dot, word, role = DOT if view.taste.still else turning, "asking", Role.PLAN
    elif state.failure is not None:
        dot, word, role = DOT, "failed", Role.WARN
    elif isinstance(state.activity, Resting) and state.activity.why is Why.PAUSED:
        dot, word, role = DOT, "paused", Role.DIM
    elif fresh is not None and fresh.stale:
        dot, word, role = DOT, "stale", Role.WARN
    elif fresh is not None:
        dot, word, role = DOT, "live", Role.CALM
    else:
        dot, word, role = HOLLOW_DOT, "idle", Role.DIM
    lasts = FOR_EVER
    if tiny and fresh is not None:
        word, lasts = wording.ago(fresh.age, seconds=view.seconds)
        word = word.removesuffix(" ago").replace("just now", "now")
        role = role if role is not Role.CALM else Role.DIM
    return (Span(dot, role), Span(f" {word}", role)), lasts
