"""Commands that are kept: what was understood, as JSON that is checked when it is read.

Nothing of it is ever evaluated: an intent's name and slots are handed to the skills as if they
had just been said, and go through the same questions.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assistant.errors import ScheduleError
from assistant.types import Action, Intent, SlotValue

_Value = bool | int | float | str | list[int] | list[str]
_Key = Annotated[str, Field(pattern=r"^[A-Za-z_][\w.]{0,63}$")]


class _Kept(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _KeptIntent(_Kept):
    name: _Key
    slots: dict[_Key, _Value] = {}
    device_ids: tuple[str, ...] = ()
    text: str = ""
    response: str = "default"


class _KeptAction(_Kept):
    service: _Key
    device: str
    data: dict[_Key, _Value] = {}


class Command(_Kept):
    """Intents to be carried out later, and what they come to in the home as it was then."""

    intents: tuple[_KeptIntent, ...] = Field((), max_length=20)
    actions: tuple[_KeptAction, ...] = ()
    """What the intents come to, for telling people: it is decided by them when the time has come.

    Without intents, what is to be done."""
    undone: tuple[_KeptAction, ...] = ()
    """What `actions` put back."""
    language: str = "en"
    undoes: bool = False
    """It ends what was done "for two hours": worth doing however late it is."""
    wakes: bool = False
    """It brightens the lights before an alarm: nothing is said of it."""

    @classmethod
    def of(
        cls,
        intents: Sequence[Intent],
        actions: Sequence[Action] = (),
        *,
        language: str = "en",
        wakes: bool = False,
    ) -> Command:
        """From what was understood."""
        return cls(
            intents=tuple(
                _KeptIntent(
                    name=i.name, slots={k: _plain(v) for k, v in i.slots.items()},
                    device_ids=i.device_ids, text=i.text, response=i.response,
                )
                for i in intents
            ),
            actions=_kept(actions),
            language=language,
            wakes=wakes,
        )  # fmt: skip

    @classmethod
    def back(cls, actions: Sequence[Action], of: Sequence[Action], *, language: str) -> Command:
        """What puts back what the actions `of` have done."""
        return cls(actions=_kept(actions), undone=_kept(of), language=language, undoes=True)

    @classmethod
    def read(cls, content: str) -> Command:
        """From what was kept. Raises `ScheduleError` for what is no command."""
        try:
            return cls.model_validate_json(content)
        except ValidationError as error:
            raise ScheduleError("a command that was kept cannot be read: set it again") from error

    def kept(self) -> str:
        """To be kept."""
        return self.model_dump_json(exclude_defaults=True)

    def understood(self) -> tuple[Intent, ...]:
        """The intents, for the skills."""
        return tuple(
            Intent(
                i.name, {k: _slot(v) for k, v in i.slots.items()},
                device_ids=i.device_ids, text=i.text, response=i.response,
            )
            for i in self.intents
        )  # fmt: skip

    def planned(self) -> tuple[Action, ...]:
        """What it came to when it was kept."""
        return _actions(self.actions)

    def ended(self) -> tuple[Action, ...]:
        """What it puts back."""
        return _actions(self.undone)


def _kept(actions: Sequence[Action]) -> tuple[_KeptAction, ...]:
    return tuple(
        _KeptAction(
            service=a.service, device=a.device,
            data={k: _plain(v) for k, v in a.data.items() if k != "code"},
        )
        for a in actions
    )  # fmt: skip


def _actions(kept: Sequence[_KeptAction]) -> tuple[Action, ...]:
    return tuple(
        Action(a.service, a.device, {k: _slot(v) for k, v in a.data.items()}) for a in kept
    )


def _slot(value: _Value) -> SlotValue:
    if not isinstance(value, list):
        return value
    numbers = tuple(item for item in value if isinstance(item, int))
    return numbers if len(numbers) == len(value) else tuple(str(item) for item in value)


def _plain(value: object) -> _Value:
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, bool | int | float | str):
        return value
    raise ScheduleError("that command cannot be kept for later: say it when it is to be done")
