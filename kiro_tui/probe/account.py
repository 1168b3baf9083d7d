"""Who is signed in, as `kiro-cli whoami` tells it.

It comes before every question that could open a browser window: signed out is known here first. All else is optional
knowledge; a slow or failing `whoami` gives None, and the reading stands without it. Never looks at a token or a file.
The forms of the answer are those of docs/kiro-cli.md, section 5.
"""

import json
import re
from typing import Any

from kiro_tui.domain.text import clean
from kiro_tui.domain.usage import Account
from kiro_tui.errors import ProbeError
from kiro_tui.probe.asking.conversation import Heard, Room, hear
from kiro_tui.probe.reading.refusals import refusal, signed_out

USAGE_ERROR = 2
"""What kiro-cli exits with when it does not know an option."""

_METHODS = {
    "BuilderId": "Builder ID",
    "IamIdentityCenter": "IAM Identity Center",
    "ExternalIdP": "External IdP",
    "ApiKey": "API key",
    "SocialGoogle": "Google",
    "SocialGitHub": "GitHub",
}
IDENTITY_CENTER = _METHODS["IamIdentityCenter"]

_LOGGED_IN = re.compile(r"^\s*Logged in with ([^(\n]+?)[ \t]*(?:\(.*\))?[ \t]*$", re.MULTILINE)
_API_KEY = re.compile(r"^\s*Authenticated with API key", re.MULTILINE)
_EMAIL = re.compile(r"^\s*Email:[ \t]*(\S{1,320})[ \t]*$", re.MULTILINE)
_BARE_EMAIL = re.compile(r"\s*([^\s@]{1,64}@[^\s@]{1,253})\s*")
_LOGIN = re.compile(r"\blog[ -]?in\b|\bsigned out\b", re.IGNORECASE)
_SESSION_OVER = re.compile(r"\blogin (?:is )?required\b|\bsession (?:has |is )?expired\b", re.IGNORECASE)
_PROFILE = re.compile(r"^\s*Profile:[ \t]*\n?[ \t]*(\S[^\n]*?)[ \t]*$", re.MULTILINE)


def not_logged_in() -> ProbeError:
    """Return the error for it, in the one wording that it has."""
    return refusal(["Not logged in"])


async def whoami(room: Room, path: str, seconds: float, *, as_json: bool) -> Heard:
    """Ask kiro-cli who is signed in; ends as soon as it is known that nobody is."""
    arguments = ("whoami", "--format", "json") if as_json else ("whoami",)
    return await hear(room, (path, *arguments), seconds, enough=signed_out)


def refused_format(heard: Heard) -> bool:
    """Whether this kiro-cli is too old for `--format`."""
    return heard.ending.status == USAGE_ERROR


def read_account(heard: Heard) -> Account | None:
    """Return who is signed in, None where the answer does not tell; raise NotLoggedIn where it says nobody is.

    A run that was ended by a signal or a time limit, or was never started, tells nothing.
    """
    if not heard.in_time or heard.ending.signal is not None:
        return None
    if signed_out(heard.text):
        raise not_logged_in()
    record = _record(heard.text)
    if record is None or (heard.ending.status and (record == {} or _speaks_of_login(heard))):
        raise not_logged_in()
    if heard.ending.status:
        return None
    account = _from_text(heard.text) if record is _NO_JSON else _from_json(record, heard.text)
    if account is None and _SESSION_OVER.search(heard.text):
        raise not_logged_in()
    return account


def _speaks_of_login(heard: Heard) -> bool:
    """Whether a failed run asks for a login; the help that follows an unknown option only lists the command."""
    is_help = heard.ending.status == USAGE_ERROR and "usage:" in heard.text.lower()
    return not is_help and _LOGIN.search(heard.text) is not None


_NO_JSON: dict[str, Any] = {"no": "JSON"}


def _record(text: str) -> dict[str, Any] | None:
    """Return the record that the text starts with, None where it says that there is none, _NO_JSON for other text.

    The record may stand under `account`, and the plain-text profile may follow it. An empty record names nobody and
    does not deny that somebody is signed in, so that it is only one of an unknown account.
    """
    try:
        value, _ = json.JSONDecoder().raw_decode(text.lstrip())
    except (ValueError, RecursionError):
        return _NO_JSON
    if isinstance(value, dict) and "account" in value:
        value = value["account"]
    return value if value is None or isinstance(value, dict) else _NO_JSON


def _from_json(found: dict[str, Any], text: str) -> Account | None:
    kind = found.get("accountType")
    method = found.get("provider") if kind == "Social" else kind
    if not isinstance(method, str) or not clean(method):
        return None
    email = found.get("email")
    return Account(
        login_method=_METHODS.get(method, clean(method)),
        email=clean(email) or None if isinstance(email, str) else None,
        organization=_profile(text),
    )


def _from_text(text: str) -> Account | None:
    if _API_KEY.search(text):
        return Account(_METHODS["ApiKey"])
    if bare := _BARE_EMAIL.fullmatch(text):  # very old: the address and nothing else, and only Builder ID existed
        return Account(_METHODS["BuilderId"], clean(bare[1]))
    method = _LOGGED_IN.search(text)
    if method is None:
        return None
    email = _EMAIL.search(text)
    return Account(clean(method[1]), clean(email[1]) if email else None, _profile(text))


def _profile(text: str) -> str | None:
    found = _PROFILE.search(text)
    return clean(found[1]) or None if found else None
