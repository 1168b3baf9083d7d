"""An interactive chat on a terminal: reads keys, draws, and does what they ask for until somebody leaves.

It never ends by itself. What a careless program could break here is really done and noted in the log: Enter in the
weekly menu changes the saved engine, and any text that is no command goes to the model and is charged.
"""

import json
import os
import signal
from abc import ABC, abstractmethod
from pathlib import Path

from kiro_tui.simulator import classic, panel, replies
from kiro_tui.simulator.conversation import QUESTIONS, Conversation, Event, Keys
from kiro_tui.simulator.machine import Machine, raw
from kiro_tui.simulator.scenario import PROMPT_FAILURES, SERVICE_FAILURES, Scenario

START_SECONDS, LOADING_SECONDS, MODEL_SECONDS = 1.5, 1.2, 3.0
CLASSIC_PROMPT = "[kiro_default] 3% λ !> "


def has_terminal() -> bool:
    """Whether there is a terminal to converse on."""
    return os.isatty(0) and os.isatty(1)


def run(machine: Machine, scenario: Scenario, home: Path, *, legacy: bool) -> int:
    """Converse until somebody leaves; returns the exit status."""
    if "mute_on_terminal" in scenario.manners:
        machine.hang()
        return 0
    opening = scenario.opens_with or (
        "first_run" if scenario.own_home == "first_run" and machine.private_home else None
    )
    conversation = Conversation(QUESTIONS[opening] if opening else None)
    kind = _Classic if legacy else _FullScreen
    with raw(0):
        kind(machine, scenario, conversation, home).run()
    return 0


class _Interface(ABC):
    """The loop that both interfaces share."""

    def __init__(self, machine: Machine, scenario: Scenario, conversation: Conversation, home: Path) -> None:
        self.machine = machine
        self.scenario = scenario
        self.conversation = conversation
        self.home = home
        self.transcript: list[str] = []

    def run(self) -> None:
        """Read keys until one of them leaves, or the terminal is gone."""
        self.open()
        keys = Keys()
        while data := os.read(0, 1024):
            for key in keys.feed(data):
                self._note(key)
                if self.takes(key):
                    continue
                event = self.conversation.press(key)
                if event is Event.LEAVE:
                    self.close()
                    return
                self._react(event)
                self.draw()
        self.close()

    def takes(self, key: str) -> bool:
        """Whether something in front of the prompt takes this key; nothing does where no panel can be."""
        del key
        return False

    def _note(self, key: str) -> None:
        during = "question" if self.conversation.question else "prompt"
        self.machine.log("key", key=key, during=during, line=self.conversation.typed)

    def _react(self, event: Event | None) -> None:
        text = self.conversation.said
        match event:
            case Event.HARM:
                self.machine.log("harm", what=text)
                settings = self.home / "settings" / "cli.json"
                content = {**self.machine.read_json(settings), "chat.agentEngine": "v3"}
                self.machine.write_file(settings, json.dumps(content), event="rewrote")
                self.machine.rewrite_agents(self.home)
            case Event.PROMPT:
                self._ask_model(text)
            case Event.COMMAND if text == "/usage":
                self._usage(text)
            case Event.COMMAND:
                self.show([text, "", f"{text} is not simulated"])

    def _usage(self, command: str) -> None:
        failure = self.scenario.failures.get("panel")
        if failure == "model":
            self._ask_model(command)
            return
        self.show([command, "", panel.LOADING], busy=True)
        if failure in {"nothing", "summary", "hangs"}:
            return
        self.machine.pause(LOADING_SECONDS)
        if failure in SERVICE_FAILURES:
            why = replies.SERVICE_ERRORS[failure]
            warning = "⚠️  Warning: Could not retrieve usage information from backend"
            self.show([command, "", warning, f"Error: {why}"])
        elif failure in PROMPT_FAILURES:
            self.show([command, "", *replies.failure(failure, self.scenario.account).err.splitlines()])
        elif failure == "context":
            self.show([command, "", "Context window: 12.3% used (estimated)", f"{'█' * 70} 12.3%"])
        else:
            self.show_usage(command)

    def _ask_model(self, prompt: str) -> None:
        answer = replies.model_answer(prompt)
        self.machine.charge(answer.credits_spent or "", prompt)
        self.show([prompt, "", panel.BUSY], busy=True)
        self.machine.pause(MODEL_SECONDS)
        self.show([prompt, "", *answer.out.splitlines()])

    @abstractmethod
    def open(self) -> None:
        """Greet."""

    @abstractmethod
    def close(self) -> None:
        """Give the terminal back."""

    @abstractmethod
    def draw(self) -> None:
        """Show what was typed so far."""

    @abstractmethod
    def show(self, lines: list[str], *, busy: bool = False) -> None:
        """Show the answer to a command."""

    @abstractmethod
    def show_usage(self, command: str) -> None:
        """Show the report as this interface words it."""


class _FullScreen(_Interface):
    """Cursor addressing on the alternate screen, drawn as a whole each time."""

    busy = False
    panel_open = False
    """Whether the framed panel stands in front of the prompt."""

    def open(self) -> None:
        signal.signal(signal.SIGWINCH, lambda *_: self.draw())
        self.machine.out(panel.ENTER)
        columns, rows = self.machine.size
        starting = panel.View(Conversation(), ["Kiro CLI", "", "Initializing..."], starting=True)
        self.machine.out(panel.frame(starting, columns, rows))
        self.machine.pause(START_SECONDS)
        self.draw()

    def close(self) -> None:
        self.machine.out(panel.LEAVE)

    def draw(self) -> None:
        columns, rows = self.machine.size
        view = panel.View(self.conversation, self.transcript, self.busy, in_front=self.panel_open)
        self.machine.out(panel.frame(view, columns, rows))

    def show(self, lines: list[str], *, busy: bool = False) -> None:
        self.transcript, self.busy, self.panel_open = lines, busy, False
        self.draw()

    def show_usage(self, command: str) -> None:
        scenario, columns = self.scenario, self.machine.size[0]
        overages = scenario.generation.overages_in_panel
        lines = panel.usage(scenario.account, columns, scenario.look, overages=overages)
        if scenario.look.panel == "plain":
            self.show([command, "", *lines])
            return
        self.transcript, self.busy, self.panel_open = panel.framed(lines, columns), False, True
        self.draw()

    def takes(self, key: str) -> bool:
        if not self.panel_open or key in {"ctrl+c", "ctrl+d"}:
            return False
        if key == "escape":
            self.show([])
        return True


class _Classic(_Interface):
    """One line after the other, with a prompt."""

    marked: int | None = None
    """Which option of the question was last shown under the cursor."""

    def open(self) -> None:
        self.machine.pause(START_SECONDS)
        self._say(["Welcome to Kiro CLI!", ""])
        self.draw()

    def close(self) -> None:
        self._say([""])

    def draw(self) -> None:
        question, selected = self.conversation.question, self.conversation.selected
        if question and selected != self.marked:
            options = [f"{'>' if at == selected else ' '} {one.text}" for at, one in enumerate(question.options)]
            self._say([question.title, *options])
            self.marked = selected
        if not question:
            hint = f"\r\n{self.conversation.hint}\r\n" if self.conversation.hint else ""
            self.machine.out(f"{hint}\r\033[2K{CLASSIC_PROMPT}{self.conversation.typed}")

    def show(self, lines: list[str], *, busy: bool = False) -> None:
        if not busy:
            self._say(["", *lines[1:]])

    def show_usage(self, command: str) -> None:
        scenario = self.scenario
        report = classic.report(scenario.account, scenario.look, self.machine.size[0])
        self.show([command, "", *report.splitlines()])

    def _say(self, lines: list[str]) -> None:
        self.machine.err("".join(f"{line}\r\n" for line in lines))
