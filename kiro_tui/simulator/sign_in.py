"""What `whoami` prints: who is signed in, in each form that was seen of it.

Pure. The forms are those of KIRO_SIM_WHOAMI.
"""

import json

from kiro_tui.simulator.replies import Reply
from kiro_tui.simulator.scenario import Scenario

START_URL = "https://d-9067642ac7.awsapps.com/start"
PROFILE = "Profile:\nKiroProfile-us-east-1\narn:aws:codewhisperer:us-east-1:123456789012:profile/EHGA3GRVQMUK\n"
LOGIN_METHODS = {
    "builder_id": "Builder ID",
    "idc": f"IAM Identity Center ({START_URL})",
    "google": "Google",
    "github": "GitHub",
    "external_idp": "External IdP",
}
SIGNED_OUT_FORMS = {
    "account_null": Reply(out='{"account":null}\n', status=1),
    "null": Reply(out="null\n"),
    "not_logged_in_exit_0": Reply(out="Not logged in\n"),
    "login_required": Reply(err="error: login required\n", status=1),
    "session_expired": Reply(err="Your session has expired. Please run kiro-cli login\n", status=1),
}
JSON_FORMS = {"account_null", "null"}
"""Those that are only printed where JSON is asked for."""


def whoami(scenario: Scenario, *, as_json: bool) -> Reply:
    """Return who is signed in."""
    login, form = scenario.login, scenario.whoami
    if form in SIGNED_OUT_FORMS and (as_json or form not in JSON_FORMS):
        return SIGNED_OUT_FORMS[form or ""]
    if login == "signed_out":
        return SIGNED_OUT_FORMS["account_null"] if as_json else Reply(out="Not logged in\n", status=1)
    profile = "\n" + PROFILE if login == "idc" else ""
    if as_json:
        record = _record(login, scenario.email, form)
        return Reply(out=json.dumps(record, separators=(",", ":")) + "\n" + profile)
    if scenario.generation.whoami_bare:
        return Reply(out=f"{scenario.email}\n")
    if login == "api_key":
        return Reply(out="Authenticated with API key\n")
    return Reply(out=f"Logged in with {LOGIN_METHODS[login]}\nEmail: {scenario.email}\n{profile}")


def _record(login: str, email: str, form: str | None) -> object:
    record = _account(login, email)
    match form:
        case "empty":
            return {}
        case "nested":
            return {"account": record}
        case "joined_social" if "provider" in record:
            return {"accountType": f"Social{record['provider']}", "email": email}
        case _:
            return record


def _account(login: str, email: str) -> dict[str, str | None]:
    match login:
        case "builder_id":
            return {"accountType": "BuilderId", "startUrl": None, "region": None, "email": email}
        case "idc":
            region = "us-east-1"
            return {"accountType": "IamIdentityCenter", "startUrl": START_URL, "region": region, "email": email}
        case "google" | "github":
            return {"accountType": "Social", "provider": LOGIN_METHODS[login], "email": email}
        case "external_idp":
            return {"accountType": "ExternalIdP", "email": email}
        case _:
            return {"accountType": "ApiKey", "email": None}
