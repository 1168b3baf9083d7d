"""What one question came to as plain text: the figures of `plain`, whose they are, and what was learned beside them.

Pure. Must never show an e-mail that the person did not ask to see.
"""

import math
from collections.abc import Iterator
from datetime import datetime, tzinfo

from kiro_tui.domain import wording
from kiro_tui.domain.carding import card_of
from kiro_tui.domain.state import Outcome, Snapshot, State, advance, freshness
from kiro_tui.domain.usage import Account, mask_email
from kiro_tui.output import plain


def text(state: State, now: datetime, *, show_email: bool, zone: tzinfo | None = None) -> str:
    """Return the latest reading in lines, "" where there is none; `zone` None shows times of the machine's own."""
    snapshot, fresh = state.latest, freshness(state, now)
    if snapshot is None or fresh is None:
        return ""
    account = snapshot.account
    whose = tuple(_account(account, show_email=show_email)) if account else ()
    beside = plain.Beside(whose, tuple(_warnings(snapshot)), zone)
    return plain.text(card_of(snapshot, None), now.timestamp(), beside, stale=fresh.stale)


def outcome_text(outcome: Outcome, now: datetime, *, show_email: bool) -> str:
    """Return what one question came to: its reading, or why there is none and what to do next."""
    if isinstance(outcome, Snapshot):
        return text(advance(State(interval=math.inf), outcome), now, show_email=show_email)
    return "".join(f"{line}\n" for line in (outcome.error.message, outcome.error.hint) if line)


def _account(account: Account, *, show_email: bool) -> Iterator[str]:
    yield account.login_method
    if account.organization:
        yield account.organization
    if account.email:
        yield account.email if show_email else mask_email(account.email)


def _warnings(snapshot: Snapshot) -> Iterator[str]:
    if snapshot.warning:
        yield f"Warning: {snapshot.warning.message}"
    if snapshot.newer_than_known:
        yield wording.too_new(snapshot.version)
