"""By which names a person, their machine and their organisation could be recognised in what kiro-tui writes down."""

import os
import pwd
import socket
from collections.abc import Iterator, Mapping

from kiro_tui.domain.usage import Account


def telling_names(environment: Mapping[str, str], account: Account | None) -> dict[str, str]:
    """Return these names, each with the placeholder that stands for it."""
    return {name: placeholder for name, placeholder in _names(environment, account) if name.strip("/. ")}


def _names(environment: Mapping[str, str], account: Account | None) -> Iterator[tuple[str, str]]:
    yield environment.get("HOME", "").rstrip("/"), "<home>"
    yield from ((environment.get(name, ""), "<user>") for name in ("USER", "LOGNAME"))
    yield _login_name(), "<user>"
    host = socket.gethostname()
    yield host.partition(".")[0], "<host>"
    yield host, "<host>"
    if account is not None:
        yield account.email or "", "<e-mail>"
        yield account.organization or "", "<organization>"


def _login_name() -> str:
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # a user without an entry, as in some containers
        return ""
