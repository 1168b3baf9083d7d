"""The JSON lines of `chat --output-format stream-json`, from 2.24.0 on.

Pure. The first line names the engine before anything else happens; the last one has the whole text, or the error.
"""

import json
import re

from kiro_tui.simulator.generations import Engine
from kiro_tui.simulator.replies import Reply

PIECE = 24
"""Characters in one `sessionUpdate`: the text comes in pieces that know nothing of rows."""
UNSUPPORTED = Reply(err="error: --output-format stream-json is not available with agent engine v1\n", status=1)
CONTEXT_PERCENT = 3.1


def started(engine: Engine) -> str:
    """Return the first line."""
    return _line("runStarted", engine=engine.value, cwd="/")


def rest(reply: Reply, *, failed: bool) -> Reply:
    """Return the lines that follow the first one; the reply keeps its standard error and exit status."""
    if failed:
        message = re.sub(r"\033\[[0-9;]*m", "", reply.err or reply.out).strip()
        lines = [_line("runError", stage="run", message=message)]
    else:
        pieces = [reply.out[at : at + PIECE] for at in range(0, len(reply.out), PIECE)]
        lines = [_line("metadata", contextUsagePercentage=CONTEXT_PERCENT)]
        lines += [_update(piece) for piece in pieces]
        lines.append(_line("runFinished", finalText=reply.out, finalTextTruncated=False, stopReason="end_turn"))
    return Reply("".join(lines), reply.err, reply.status, reply.opens_browser, reply.credits_spent, reply.hangs)


def _update(text: str) -> str:
    return _line("sessionUpdate", sessionUpdate="agent_message_chunk", content={"type": "text", "text": text})


def _line(kind: str, **data: object) -> str:
    return json.dumps({"type": kind, "data": data}, ensure_ascii=False, separators=(",", ":")) + "\n"
