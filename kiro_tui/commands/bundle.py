"""The file that goes with a bug report: what doctor found, and all that kiro-cli said, with nobody recognisable in it.

Pure. Must never hold a byte of kiro-cli's that was not disguised first: the screens are drawn from the disguised
bytes, so that nothing shows on them that was cut in two where a line ends.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from datetime import datetime

from kiro_tui.domain.text import redact
from kiro_tui.recording.values import Recording, Run

MOST_CHARACTERS = 1 << 18
"""So much of what one program said is written out."""
NO_UTF8 = range(0xDC80, 0xDD00)
"""What Python reads a byte as that is not UTF-8, from 0x80 on."""
PREFACE = """\
What `kiro-tui doctor` found on {when} UTC, for a bug report.
E-mail addresses, ARNs, start URLs, account numbers, tokens and your own names are masked: in text by a word such as
<user>, in what kiro-cli said by x for each letter and 0 for each digit. Look it through before you send it.
"""


def bundle(text: str, recordings: Iterable[Recording], names: Mapping[str, str], now: datetime) -> str:
    """Return the file: doctor's text, and the screens and bytes of masked recordings."""
    parts = [PREFACE.format(when=f"{now:%Y-%m-%d %H:%M}"), redact(text, names)]
    for recording in recordings:
        parts += [f"{'=' * 8} asked by {', '.join(recording.ways)} {'=' * 8}\n"]
        parts += ["\n".join(_run(run, names)) + "\n" for run in recording.runs]
    return "\n".join(parts)


def _run(run: Run, names: Mapping[str, str]) -> Iterator[str]:
    ending = run.ending
    where = f"a terminal of {run.terminal.columns}×{run.terminal.rows}" if run.terminal else "pipes"
    how = {name: value for name, value in asdict(ending).items() if value not in {None, "", 0} or name == "status"}
    yield f"---- {redact(' '.join(run.argv), names)}"
    yield redact(f"on {where}; {', '.join(f'{name} {value}' for name, value in how.items())}", names)
    if run.terminal:
        yield "screen:"
        yield from (f"  | {line}" for line in redact(run.frame().text, names).split("\n"))
    yield "bytes:"
    left = MOST_CHARACTERS
    for chunk in run.chunks:
        written = _readable(chunk.data)
        yield f"  {chunk.at:9.3f} {'>' if chunk.told else '<'} {written[:left]}"
        left -= len(written)
        if left <= 0:
            yield "  … and more"
            return


def _readable(data: bytes) -> str:
    """Return bytes as one line in which everything that is not plainly visible is escaped."""
    text = data.decode(errors="surrogateescape") if data else "(says no more)"
    text = text.replace("\\", "\\\\")
    return "".join(character if character.isprintable() else _escaped(character) for character in text)


def _escaped(character: str) -> str:
    code = ord(character)
    if character in "\r\n\t":
        return repr(character)[1:-1]
    if code in NO_UTF8:
        return f"\\x{code - NO_UTF8.start + 0x80:02x}"
    return f"\\x{code:02x}" if character.isascii() else f"\\u{{{code:x}}}"
