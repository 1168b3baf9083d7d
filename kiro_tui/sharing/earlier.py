"""Which earlier readings are of the account that a new one is of, so that what they knew can be kept.

The journal files readings under the account that was signed in. A reading for which that could not be found out is
filed under nobody, and is taken to be of the person who was last known by name. Must never return another account's.
"""

from typing import TYPE_CHECKING

from kiro_tui.domain.history import Reading

if TYPE_CHECKING:
    from kiro_tui.domain.usage import Account
    from kiro_tui.journal.store import Journal

LOOKED_THROUGH = 64
"""Readings. One is enough as a rule, because each holds what the ones before it knew.

More are needed where readings were written by an earlier version, or while the journal was locked.
"""


def earlier_of(
    journal: "Journal", account: "Account | None", whose: str | None, person: str | None
) -> tuple[Reading, ...]:
    """Return the last readings of the account, in the order in which they were read.

    `whose` is the key of the account that was read of last, `person` that of the last one known by name.
    """
    own, nobody = journal.account_key(account), journal.account_key(None)
    if own == nobody:
        if whose is None:
            return ()  # others' unnamed readings may be of anybody
        own = (person if whose == nobody else whose) or nobody
    named = journal.recent(own, LOOKED_THROUGH)
    if own == nobody or whose != nobody or person not in {None, own}:
        return named
    since = named[-1].last_at if named else None
    # Those before the person's own last reading may be of whoever was signed in before.
    unnamed = (each for each in journal.recent(nobody, LOOKED_THROUGH) if since is None or each.first_at >= since)
    return (*named, *unnamed)
