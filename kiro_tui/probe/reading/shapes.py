"""Kiro's wording: the shape of every line that can stand in a usage report.

The shapes of all generations of kiro-cli live side by side: no line means two things. They are matched against a
whole line without the sides of its box and with single blanks. Every gap in them is bounded or stands alone, so that
matching takes linear time. The lines of bonuses and packs are in grants.py, what is shown instead of a report in
refusals.py.
"""

import re

HEADER = re.compile(r"Estimated Usage(?: \| ?(?P<cells>.*))?")
HEADER_IN_BOX = re.compile(r"\| ?(?P<cells>.*)")
RESETS_ON = "resets on "
PLAN_ALONE = re.compile(r"Plan: (?P<plan>[^|]+)")
MANAGED = re.compile(
    r"(?:Plan: (?P<plan>[^|()]{1,200}?) ?[|(–-] ?)?(?:Your (?:plan|account) is )?managed by (?:your |an |the )?"
    r"(?P<by>admin\w*|organi[sz]ation)[).]*",
    re.IGNORECASE,
)
PAIR = re.compile(r"(?P<label>.*?) ?\((?P<used>\S{1,40}) of (?P<limit>\S{1,40}) covered in plan\)")
POOLED = re.compile(r"(?P<label>.+?) \((?P<used>[^\s%]{1,40}) used\)")
LABEL = re.compile(r"(?P<label>[^:|]{1,200}):")
BAR = re.compile(r"[█▓▒░ ]*(?P<percent>[^\s█▓▒░%]{1,40})%(?: \(resets on (?P<date>[^()]{1,40})\))?")
BAR_WITHOUT_PERCENT = re.compile(r"[█▓▒░ ]+")
OVERAGES = re.compile(r"Overages: ?(?P<state>Enabled|Disabled)\b(?P<rest>.*)")
BILLED = re.compile(r"\bbilled at (?P<rate>\S{1,40}) per\b")
OVERAGE_CREDITS = re.compile(r"Credits used: ?(?P<credits>.*)")
OVERAGE_COST = re.compile(r"Est\. cost: ?(?P<cost>.*?)(?: (?P<currency>[A-Z]{3}))?")
BONUSES = re.compile(r"(?:🎁 ?)?Bonus credits:?", re.IGNORECASE)
ADD_ONS = re.compile(r"(?:Additional|Add-on) credits:?", re.IGNORECASE)
NO_ADD_ONS = re.compile(r"Add-on credits available for purchase.*", re.IGNORECASE)
THROUGH_ORGANIZATION = re.compile(r"Since your account is through your organization.*")
FOOT = re.compile(
    r"To manage your plan.*|Tip: to see context window usage.*"
    r"|Ask a question or describe a task.*|(?:\[[^\]]{1,80}\] ?)?(?:[0-9]{1,3}% ?)?(?:λ ?)?!?>"
)
BUSY = re.compile(r"Loading usage data.*|Kiro is working.*")
BOX_TOP = re.compile(r"[┏╭┌╔][━─═]*[┓╮┐╗]?")
BOX_BOTTOM = re.compile(r"[┗╰└╚][━─═]*[┛╯┘╝]?")
RULE = re.compile(r"[━─═-]+")

OPENING = re.compile(
    r"[█▓▒░]|Estimated Usage|Overages:|Credits used:|Est\. cost:|Additional credits|Add-on credits|Tip: to see"
    r"|To manage your plan|Since your account|Your plan is managed|(?:🎁 ?)?Bonus credits|Ask a question|Loading usage",
    re.IGNORECASE,
)
"""How a line begins that is never the rest of the one above it."""
