"""Where Kiro keeps what it remembers of its sessions: docs/kiro-cli.md, section 7.

Whoever only watches these folders needs no more than this, and does not wait for the rest. Opens no file of Kiro's.
"""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

SESSIONS = "sessions"
WINDOWS_USERS = Path("/mnt/c/Users")
KERNEL = Path("/proc/sys/kernel/osrelease")
STORAGE = "globalStorage/kiro.kiroagent"
_IDE_BELOW_HOME = (".config/Kiro/User", "Library/Application Support/Kiro/User")
_IDE_BELOW_WINDOWS_HOME = "AppData/Roaming/Kiro/User"


@dataclass(frozen=True, slots=True)
class Sources:
    """The folders that are read."""

    roots: tuple[Path, ...]
    """With sessions of the CLI and of the IDE: the first is the one that kiro-cli uses now."""
    ide: tuple[Path, ...] = ()
    """With execution logs of the older IDE."""

    @property
    def described(self) -> str:
        """Those that exist, for people; the first where none does."""
        existing = [str(folder) for folder in (*self.roots, *self.ide) if folder.exists()]
        return " and ".join(existing or [str(self.roots[0])])


def root_of(environment: Mapping[str, str]) -> Path:
    """Return the folder of kiro-cli's sessions: below KIRO_HOME where that is set, otherwise below ~/.kiro."""
    home = environment.get("KIRO_HOME")
    return (Path(home) if home else _home(environment) / ".kiro") / SESSIONS


def roots_of(
    environment: Mapping[str, str], more: Iterable[str] = (), windows_users: Path = WINDOWS_USERS
) -> tuple[Path, ...]:
    """Return every folder of sessions, each once.

    KIRO_HOME moves the CLI's sessions and not the IDE's, which stay below ~/.kiro. `more` are homes that the person
    has named in the settings. Under WSL the homes of Windows count too.
    """
    homes = [_home(environment) / ".kiro", *map(Path, more)]
    homes += [user / ".kiro" for user in _windows_homes(environment, windows_users)]
    return _each_once([root_of(environment), *(home / SESSIONS for home in homes)])


def sources_of(
    environment: Mapping[str, str], more: Iterable[str] = (), windows_users: Path = WINDOWS_USERS
) -> Sources:
    """Return everything that is read for what was spent."""
    home = _home(environment)
    users = [home / below for below in _IDE_BELOW_HOME]
    if environment.get("XDG_CONFIG_HOME"):
        users.append(Path(environment["XDG_CONFIG_HOME"]) / "Kiro/User")
    users += [user / _IDE_BELOW_WINDOWS_HOME for user in _windows_homes(environment, windows_users)]
    ide = [storage for user in users for storage in (user / STORAGE, *_matching(user, f"profiles/*/{STORAGE}"))]
    existing = [storage for storage in ide if storage.is_dir()]
    return Sources(roots_of(environment, more, windows_users), _each_once(existing))


def _home(environment: Mapping[str, str]) -> Path:
    return Path(environment.get("HOME") or "/")


def _windows_homes(environment: Mapping[str, str], users: Path) -> Iterable[Path]:
    return _matching(users, "*") if _is_wsl(environment) else ()


def _is_wsl(environment: Mapping[str, str]) -> bool:
    if environment.get("WSL_DISTRO_NAME") or environment.get("WSL_INTEROP"):
        return True
    try:
        return "microsoft" in KERNEL.read_text(encoding="ascii", errors="replace").lower()
    except OSError:
        return False


def _matching(folder: Path, pattern: str) -> list[Path]:
    try:
        return sorted(folder.glob(pattern))
    except OSError:
        return []


def _each_once(folders: Iterable[Path]) -> tuple[Path, ...]:
    """Return the folders without those that are the same as one before, also by way of links."""
    by_target: dict[str, Path] = {}
    for folder in folders:
        by_target.setdefault(os.path.realpath(folder), folder)
    return tuple(by_target.values())
