import subprocess

from hypothesis import given
from hypothesis import strategies as st

from kiro_tui.probe.environment import child_environment

NAMES = st.text(st.characters(codec="ascii", exclude_characters="=\0"), min_size=1, max_size=20)


def test_what_kiro_cli_needs_passes() -> None:
    needed = {
        "HOME": "/home/a",
        "PATH": "/bin",
        "LC_ALL": "C.UTF-8",
        "XDG_DATA_HOME": "/d",
        "https_proxy": "http://p:1",
        "NO_PROXY": "localhost",
        "SSL_CERT_FILE": "/c",
        "KIRO_API_KEY": "key",
        "KIRO_DATA_DIR": "/data",
    }

    assert needed.items() <= child_environment(needed).items()


def test_secrets_of_other_tools_and_the_desktop_do_not_pass() -> None:
    kept_back = {
        "AWS_SECRET_ACCESS_KEY": "s",
        "AWS_PROFILE": "work",
        "GITHUB_TOKEN": "t",
        "OPENAI_API_KEY": "k",
        "SSH_AUTH_SOCK": "/s",
        "DISPLAY": ":0",
        "WAYLAND_DISPLAY": "wayland-0",
        "DBUS_SESSION_BUS_ADDRESS": "unix:",
        "LD_PRELOAD": "/evil.so",
    }

    assert not kept_back.keys() & child_environment(kept_back).keys()


def test_the_way_of_asking_decides_on_engine_and_interface_and_not_a_variable() -> None:
    environment = child_environment({"KIRO_AGENT_ENGINE": "v3", "KIRO_CHAT_UI": "tui", "KIRO_HOME": "/k"})

    assert "KIRO_AGENT_ENGINE" not in environment
    assert "KIRO_CHAT_UI" not in environment
    assert environment["KIRO_HOME"] == "/k"


def test_a_private_home_replaces_the_persons() -> None:
    assert child_environment({"KIRO_HOME": "/k"}, "/private")["KIRO_HOME"] == "/private"


def test_the_browser_is_a_program_that_takes_an_address_and_does_nothing() -> None:
    browser = child_environment({"BROWSER": "firefox"})["BROWSER"]

    done = subprocess.run([browser, "https://example.com"], check=True, capture_output=True)

    assert (done.stdout, done.stderr) == (b"", b"")


@given(st.dictionaries(NAMES, st.text(max_size=5)))
def test_nothing_passes_that_is_not_on_the_list(parent: dict[str, str]) -> None:
    passed = child_environment(parent)

    for name in passed.keys() - {"TERM", "BROWSER"}:
        assert name.startswith(("LC_", "KIRO_", "XDG_", "SSL_CERT_", "LANG")) or name.upper() in {
            *("HOME", "PATH", "USER", "LOGNAME", "SHELL", "TMPDIR", "TZ"),
            *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"),
        }
        assert passed[name] == parent[name]
