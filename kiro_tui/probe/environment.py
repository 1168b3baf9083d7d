"""The environment of every child: an allow-list, because a child that we start must not get what it does not need.

Pure. What passes is what kiro-cli needs to find its home, its data, the network and the time; `KIRO_*` passes because
it is kiro-cli's own. Secrets of other tools never pass, nor does a desktop session (without it nothing can open a
window, whatever BROWSER says), nor the two variables with which a person may choose an engine: the way of asking
decides that.
"""

import shutil
from collections.abc import Mapping

TERM = "xterm-256color"

_PASSED = frozenset(
    {
        "HOME",
        "LANG",
        "LANGUAGE",
        "LOGNAME",
        "PATH",
        "SHELL",
        "SSL_CERT_DIR",
        "SSL_CERT_FILE",
        "TMPDIR",
        "TZ",
        "USER",
        "XDG_CACHE_HOME",
        "XDG_CONFIG_DIRS",
        "XDG_CONFIG_HOME",
        "XDG_DATA_DIRS",
        "XDG_DATA_HOME",
        "XDG_RUNTIME_DIR",
        "XDG_STATE_HOME",
    }
)
_PROXIES = frozenset({"ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY"})
_PREFIXES = ("LC_", "KIRO_")
_DECIDED_BY_THE_WAY = frozenset({"KIRO_AGENT_ENGINE", "KIRO_CHAT_UI"})


def child_environment(parent: Mapping[str, str], kiro_home: str | None = None) -> dict[str, str]:
    """Return the whole environment of a child; `kiro_home` replaces the person's own `~/.kiro`, None leaves it."""
    environment = {name: value for name, value in parent.items() if _passes(name)}
    environment["TERM"] = TERM
    environment["BROWSER"] = _nothing(parent.get("PATH"))
    if kiro_home is not None:
        environment["KIRO_HOME"] = kiro_home
    return environment


def _passes(name: str) -> bool:
    if name in _DECIDED_BY_THE_WAY:
        return False
    return name in _PASSED or name.upper() in _PROXIES or name.startswith(_PREFIXES)


def _nothing(path: str | None) -> str:
    """Return a program that takes any arguments and does nothing; where it is differs between systems."""
    return shutil.which("true", path="/usr/bin:/bin") or shutil.which("true", path=path) or "true"
