"""The live view: what a person watching the terminal sees of a turn."""

from __future__ import annotations

from rich.console import Console
from rich.live import Live
from rich.text import Text

from assistant.events import Event, Stage, StageEvent

_STYLES = {
    Stage.LISTENING: ("listening", "bold cyan"),
    Stage.HEARD: ("heard", "bold white"),
    Stage.UNDERSTOOD: ("understood", "yellow"),
    Stage.DONE: ("done", "green"),
    Stage.SAID: ("said", "bold magenta"),
    Stage.RINGING: ("ringing", "bold red"),
    Stage.NOTICE: ("note", "dim"),
}


_BEGINNINGS = (Stage.LISTENING, Stage.RINGING)


class TerminalView:
    """An observer that prints each stage of a turn, and partial words in place as they come."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(highlight=False)
        self._idle = "starting …"
        self._live = Live(console=self._console, refresh_per_second=12, transient=True)

    def start(self) -> None:
        """Begin to draw."""
        self._live.start()
        self._status(self._idle, "dim")

    def stop(self) -> None:
        """Leave the terminal as it was."""
        self._live.stop()

    def __call__(self, event: Event) -> None:
        """Show one event."""
        if not isinstance(event, StageEvent):
            return
        if event.stage is Stage.PARTIAL:
            self._status(f"  … {event.text}", "italic cyan")
        elif event.stage is Stage.SAYING:
            self._status("  speaking …", "magenta")
        elif event.stage is Stage.IDLE:
            self._idle = event.text or self._idle
            self._status(self._idle, "dim")
        elif event.text or event.stage is Stage.LISTENING:
            self._line(event)

    def _line(self, event: StageEvent) -> None:
        label, style = _STYLES[event.stage]
        if event.stage in _BEGINNINGS:
            self._console.print()
        line = Text(f"{label:>11}  ", style=style)
        line.append(event.text, style="default")
        if event.ms is not None:
            line.append(f"  {event.ms:.0f} ms", style="dim")
        self._console.print(line)
        if event.stage is Stage.LISTENING:
            self._status("  listening …", "bold cyan")

    def _status(self, text: str, style: str) -> None:
        self._live.update(Text(text, style=style), refresh=True)
