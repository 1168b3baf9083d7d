"""What comes from outside is harmless before it is shown, and anonymous before it is sent."""

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiro_tui.domain.text import HIDDEN_CATEGORIES, LONGEST_LINE, ZERO_WIDTH_JOINER, clean, redact

HOSTILE = st.text(
    alphabet=st.one_of(
        st.characters(),  # surrogates, private use and unassigned ones included
        st.sampled_from(
            "\x00\x1b\x7f\x9b\n\r\t \u2028\u200b\u200d\u202e\u0301\u0302\ufe0f\ufeff\ue000\ud800\U000e0001🎁e"
        ),
    ),
    max_size=400,
)


@given(HOSTILE)
def test_no_hidden_character_survives(text: str) -> None:
    for character in clean(text):
        assert character == ZERO_WIDTH_JOINER or unicodedata.category(character) not in HIDDEN_CATEGORIES


@given(HOSTILE)
def test_a_joiner_stands_only_between_characters(text: str) -> None:
    assert all(part and not part.startswith(" ") for part in clean(text).split(ZERO_WIDTH_JOINER)) or not clean(text)


@given(HOSTILE, st.integers(min_value=1, max_value=300))
def test_the_length_is_capped(text: str, limit: int) -> None:
    assert len(clean(text, limit)) <= limit


@given(HOSTILE)
def test_white_space_is_single_blanks_inside_the_text(text: str) -> None:
    assert clean(text) == " ".join(clean(text).split())


@given(HOSTILE)
def test_at_most_four_combining_marks_stand_in_a_row(text: str) -> None:
    marks = "".join("M" if unicodedata.category(character).startswith("M") else "." for character in clean(text))
    assert "MMMMM" not in marks


def test_four_combining_marks_may_stand_also_at_the_beginning() -> None:
    assert clean("\u0301" * 9) == "\u0301" * 4
    assert clean("e" + "\u0301" * 9) == "e" + "\u0301" * 4


@given(HOSTILE, st.integers(min_value=1, max_value=50))
def test_cleaning_twice_changes_nothing(text: str, limit: int) -> None:
    assert clean(clean(text, limit), limit) == clean(text, limit)


@given(st.text(alphabet=st.characters(categories=("L", "N", "P", "S")), max_size=200))
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert clean(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("KIRO PRO+", "KIRO PRO+"),
        ("[@click=app.quit]KIRO PRO[/]", "[@click=app.quit]KIRO PRO[/]"),
        ("  two\r\n lines\t", "two lines"),
        ("\x1b]0;HACKED\x07PRO", "]0;HACKEDPRO"),
        ("PRO\u202eEERF", "PROEERF"),
        ("👩\u200d💻", "👩\u200d💻"),
        ("\u200dPRO\u200d", "PRO"),
        ("e" + "\u0301" * 500, "e" + "\u0301" * 4),
        ("a" * 100_000, "a" * 199 + "…"),
        ("\ud800", ""),
        ("", ""),
    ],
)
def test_examples_are_cleaned(text: str, expected: str) -> None:
    assert clean(text) == expected


JWT = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"


@pytest.mark.parametrize(
    ("secret", "text"),
    [
        ("jane.doe", "Email: jane.doe@example.com"),
        ("jürgen", "Email: jürgen@bücher.example"),
        ("123456789012", "arn:aws:codewhisperer:us-east-1:123456789012:profile/ABCDEFGHIJKL"),
        ("ABCDEFGHIJKL", "Profile arn:aws-us-gov:codewhisperer:us-east-1:123456789012:profile/ABCDEFGHIJKL"),
        ("123456789012", "account 123456789012."),
        ("d-123456789a", "IAM Identity Center (https://d-123456789a.awsapps.com/start)"),
        ("acme-corp", "open acme-corp.awsapps.com/start/#/device now"),
        ("ssoins-1", "https://ssoins-1234.portal.eu-west-1.app.aws"),
        ("aoaAAAA", "refresh aoaAAAAAGkq3Z0b9mX2h7Qv1"),
        ("AKIAIOSFODNN7EXAMPLE", "AKIAIOSFODNN7EXAMPLE"),
        ("dozjgNryP4J3", JWT),
        ("hunter2hunter2", "password=hunter2hunter2"),
        ("abcdefgh", "Authorization: Bearer abcdefghijk"),
        ("WDJB-MJHT", "user code: WDJB-MJHT"),
        ("alice", "/home/alice/.kiro and /Users/alice/.kiro"),
        ("eyJhbGciOiJIUzI1NiIsInR5", "eyJhbGciOiJ\x1b[0mIUzI1NiIsInR5cCI6IkpXVCJ9"),
        ("IUzI1NiIsInR5", "eyJhbGciOiJ\x1b[0mIUzI1NiIsInR5cCI6IkpXVCJ9"),
    ],
)
def test_what_names_a_person_or_opens_a_door_is_masked(secret: str, text: str) -> None:
    assert secret in text or "\x1b" in text
    assert secret not in redact(text)


@pytest.mark.parametrize(
    "text",
    [
        "Estimated Usage | resets on 2026-07-01 | KIRO PRO+",
        "Credits (1000.00 of 1000 covered in plan)",
        "█" * 80 + " 100%",
        "─" * 120,
        "-" * 80,
        "To manage your plan or configure overages navigate to https://app.kiro.dev/account/usage",
        "⚠️  Warning: Could not retrieve usage information from backend",
        "Since your account is through your organization, for account management please contact your administrator.",
        "/usr/local/bin/kiro-cli chat --no-interactive --agent-engine=v1 --legacy-ui",
        "",
        "a\n\nb\n",
    ],
)
def test_a_usage_report_stays_readable(text: str) -> None:
    assert redact(text) == text


@pytest.mark.parametrize("filler", ["a", "a.", "@", "a@", "arn:aws:", "a.awsapps.com", "bearer ", "\x1b[", "=", "1a"])
def test_redacting_takes_linear_time(filler: str) -> None:
    def cost(size: int) -> float:
        line = (filler * size)[:LONGEST_LINE]
        screen = "\n".join([line] * (size // LONGEST_LINE))
        started = time.process_time()
        redact(screen)
        return time.process_time() - started

    small, large = cost(20 * LONGEST_LINE), cost(80 * LONGEST_LINE)
    assert large < max(16 * small, 2.0)


def test_one_endless_line_is_cut_before_it_is_searched() -> None:
    started = time.process_time()
    assert len(redact("a" * 1_000_000)) <= LONGEST_LINE
    assert time.process_time() - started < 2


@given(HOSTILE)
def test_redacting_never_fails_and_keeps_the_rows(text: str) -> None:
    assert redact(text).count("\n") == text.count("\n")


def test_what_stands_between_two_secrets_is_kept() -> None:
    one, two = "arn:aws:iam::123456789012:role/first", "arn:aws:iam::123456789012:role/second"

    assert redact(f"from {one} to {two} and on") == "from <arn> to <arn> and on"


def test_what_looks_like_a_token_is_masked_as_one() -> None:
    assert redact("key eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9abcDEF0123456789") == "key <token>"
