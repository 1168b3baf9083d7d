"""The tokenizer by itself: what comes out of it, and how little it keeps."""

import pytest

from kiro_tui.probe.terminal.sequences import (
    LONGEST_COMMAND,
    LONGEST_CSI,
    Command,
    Control,
    ControlSequence,
    Escape,
    Text,
    Token,
    Tokenizer,
    numbers,
)


@pytest.mark.parametrize(
    ("written", "tokens"),
    [
        ("a█\r\nb", [Text("a█"), Control("\r"), Control("\n"), Text("b")]),
        ("\x1b[1;2H", [ControlSequence("H", "1;2")]),
        ("\x1b[?2026$p", [ControlSequence("?$p", "2026")]),
        ("\x1b[4:3m", [ControlSequence("m", "4:3")]),
        ("\x1b[1?2mx", [Text("x")]),
        ("\x1b[ 1mx", [Text("x")]),
        ("\x1b7\x1b(B\x1b#8", [Escape("7"), Escape("(B"), Escape("#8")]),
        ("\x1bé", [Text("é")]),
        ("\x1b]11;?\x07", [Command("11;?")]),
        ("\x1b]11;?\x1b\\", [Command("11;?"), Escape("\\")]),
        ("\x1b]0;t\nx", [Control("\n"), Text("x")]),
        ("\x1bPpayload\x1b\\x", [Escape("\\"), Text("x")]),
        ("\x1b[3\n1m", [Control("\n"), ControlSequence("m", "31")]),
    ],
)
def test_sequences_come_out_whole(written: str, tokens: list[Token]) -> None:
    assert Tokenizer().feed(written.encode()) == tokens


def test_a_sequence_comes_out_with_its_last_byte() -> None:
    tokenizer = Tokenizer()
    assert tokenizer.feed(b"\x1b[1") == []
    assert tokenizer.feed(b"m\xe2\x96") == [ControlSequence("m", "1")]
    assert tokenizer.feed(b"\x88") == [Text("█")]


@pytest.mark.parametrize("opening", ["\x1b[", "\x1b]", "\x1bP", "\x1b("])
def test_an_endless_sequence_is_not_kept(opening: str) -> None:
    tokenizer = Tokenizer()
    for written in (opening, *["1" * 1000] * 1000):
        tokenizer.feed(written.encode())
    assert len(tokenizer._held) <= max(LONGEST_CSI, LONGEST_COMMAND) + 1


def test_a_sequence_longer_than_any_real_one_is_swallowed() -> None:
    longest = "1" * LONGEST_CSI
    assert Tokenizer().feed(f"\x1b[{longest}m\x1b[{longest}1mx".encode()) == [ControlSequence("m", longest), Text("x")]


def test_numbers_are_bounded_and_missing_ones_are_0() -> None:
    assert numbers("") == [0]
    assert numbers(";12;;4:3;99999999999;9999") == [0, 12, 0, 0, 9999, 9999]
    assert numbers("4:3", ":") == [4, 3]
