"""Kiro's wording: the shape of every line that can stand in a usage report.

The shapes of all generations of kiro-cli live side by side: no line means two things. They are matched against a
whole line without the sides of its box and with single blanks. Every gap in them is bounded or stands alone, so that
matching takes linear time. The lines of bonuses and packs are in grants.py, what is shown instead of a report in
refusals.py.
"""

import re

BAR_GLYPHS = "\u2580-\u259f\u25a0-\u25a3\u25ac-\u25b1\u2800-\u28ff\u2b1b\u2b1c"
"""What bars are drawn with: block elements, squares, rectangles and braille patterns."""

HEADER = re.compile(r"Estimated Usage(?: \| ?(?P<cells>.*))?")
HEADER_IN_BOX = re.compile(r"\| ?(?P<cells>.*)")
RESETS_ON = "resets on "
PLAN_ALONE = re.compile(r"Plan: (?P<plan>[^|]+)")
MANAGED = re.compile(
    r"(?:Plan: (?P<plan>[^|()]{1,200}?) ?[|(–-] ?)?(?:Your (?:plan|account) is )?managed by (?:your |an |the )?"
    r"(?P<by>admin\w*|organi[sz]ation)(?P<whose>['\u2019]s admin\w*)?[).]*",
    re.IGNORECASE,
)
POOLED = re.compile(r"(?P<label>.+?) \((?P<used>[^\s%]{1,40}) used\)")
LABEL = re.compile(r"(?P<label>[^:|]{1,200}):")
BAR = re.compile(
    rf"[{BAR_GLYPHS} ]*(?P<percent>[^\s{BAR_GLYPHS}%]{{1,40}})%(?: used)?"
    r"(?:,? \(?resets on (?P<date>[^()]{1,40})\)?)?"
)
BAR_WITHOUT_PERCENT = re.compile(rf"[{BAR_GLYPHS} ]+")
PLAN_IN_FRAME = re.compile(
    r"(?!Kiro CLI\b)(?P<plan>(?:Kiro|Amazon Q|Q Developer)\b[^|:%()/.!?]{0,40}"
    r"|Free|Pro(?: Max|\+)?|Power|Student|Enterprise)",
    re.IGNORECASE,
)
"""A plan's name in a row of its own; other framed rows are greetings and tips."""
SPEECH = re.compile(r"> (?!/)\S.*")
"""How a model's answer begins in kiro-cli; `> /usage` is a command that was typed."""
CONTEXT = re.compile(r"(?:Current )?context window\b.*", re.IGNORECASE)
OVERAGES = re.compile(r"Overages: ?(?P<state>Enabled|Disabled)\b(?P<rest>.*)")
BILLED = re.compile(r"\bbilled at (?P<rate>\S{1,40}) per\b")
OVERAGE_CREDITS = re.compile(r"Credits used: ?(?P<credits>.*)")
OVERAGE_COST = re.compile(r"Est\. cost: ?(?P<cost>.*?)(?: (?P<currency>[A-Z]{3}))?")
BONUSES = re.compile(r"(?:🎁 ?)?Bonus credits:?", re.IGNORECASE)
ADD_ONS = re.compile(r"(?:Additional|Add-on) credits:?", re.IGNORECASE)
NO_ADD_ONS = re.compile(r"Add-on credits available for purchase.*", re.IGNORECASE)
THROUGH_ORGANIZATION = re.compile(r"Since your account is through your organization.*")
PANEL_FOOT = re.compile(r".{0,20}\besc to close\b.*|.*\bTab to switch to /context\b.*", re.IGNORECASE)
"""The panel's last row: whatever its pane had no room for, nothing more comes (docs/kiro-cli.md, section 3)."""
FOOT = re.compile(
    r"(?:To m|M)anage your plan.*|Tip: to see context window usage.*"
    r"|Ask a question or describe a task.*|(?:\[[^\]]{1,80}\] ?)?(?:[0-9]{1,3}% ?)?(?:λ ?)?!?>"
)
BUSY = re.compile(r"Loading usage data.*|Kiro is working.*")
BOX_TOP = re.compile(r"[┏╭┌╔][━─═]*[┓╮┐╗]?")
BOX_BOTTOM = re.compile(r"[┗╰└╚][━─═]*[┛╯┘╝]?")
RULE = re.compile(r"[━─═-]+")
LINES_ALONE = re.compile(r"-{2,}|[\u2500-\u257f]+")
"""A rule, or a piece of a box."""
NO_ROW = re.compile(
    r"[✓✗⚠⠀-⣿].*|/usage|.{1,100} · .{1,100}|(?:error|warning)\b.*|One or more mcp servers?\b.*"
    r"|All tools are now trusted.*|Model: .*|Plan: .*|Cleaning up old.*|Tip\b.*"
    r"|[0-9]{1,3} of [0-9]{1,3} mcp servers?.*",
    re.IGNORECASE,
)
"""What kiro-cli prints beside a report: start-up messages, warnings, its status row. None is a row of the report."""

OPENING = re.compile(
    rf"[{BAR_GLYPHS}]|Estimated Usage|Overages:|Credits used:|Est\. cost:|Additional credits|Add-on credits|Tip: to see"
    r"|Manage your plan|To manage your plan|Since your account|Your plan is managed"
    r"|(?:🎁 ?)?Bonus credits|Ask a question|Loading usage",
    re.IGNORECASE,
)
"""How a line begins that is never the rest of the one above it."""
