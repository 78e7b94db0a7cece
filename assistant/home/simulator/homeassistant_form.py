"""One kind of device as Home Assistant's discovery has it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from assistant.home.simulator.behaviour import Wish
from assistant.home.simulator.wire import Document, Hear, Show, shows, words


@dataclass(slots=True)
class Form:
    """What an announcement says besides names and availability, and what its topics mean.

    Topics in `options` begin with `~/`; `hears` and `shows` are by their last level.
    """

    options: Document = field(default_factory=dict)
    hears: dict[str, Hear] = field(default_factory=dict)
    shows: dict[str, Show] = field(default_factory=dict)
    events: frozenset[str] = frozenset()
    """Levels that are told only when their state key changes, and are not retained."""

    def command(self, option: str, level: str, hear: Hear) -> None:
        """Give it a command topic."""
        self.options[option] = f"~/{level}"
        self.hears[level] = hear

    def state(self, option: str, level: str, show: Show) -> None:
        """Give it a state topic."""
        self.options[option] = f"~/{level}"
        self.shows[level] = show

    def both(self, name: str, level: str, hear: Hear, show: Show) -> None:
        """Give it `<name>_command_topic` at `set_<level>` and `<name>_state_topic` at `level`."""
        self.command(f"{name}_command_topic", f"set_{level}", hear)
        self.state(f"{name}_state_topic", level, show)


ON_OFF: Hear = words({"ON": Wish("turn_on"), "OFF": Wish("turn_off")})


def plain(hear: Hear, show: Show | None, options: Mapping[str, object] = {}) -> Form:
    """A form with `command_topic` at `set` and, if it shows anything, `state_topic` at `state`."""
    form = Form(dict(options))
    form.command("command_topic", "set", hear)
    if show is not None:
        form.state("state_topic", "state", show)
    return form


def power_form() -> Form:
    """A form that is switched and shows whether it is on."""
    return plain(ON_OFF, shows("power", upper=True))
