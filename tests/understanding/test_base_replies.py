"""Languages that only the base package has are answered in its words."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from home_assistant_intents import get_languages
from manual_clock import BERLIN, ManualClock

from assistant.config import SafetySettings
from assistant.conversation import Conversation
from assistant.home.devices import Area, Device, Features
from assistant.home.model import Home
from assistant.replies import Replies
from assistant.schedule.schedule import Schedule
from assistant.store.database import Database
from assistant.types import Action, ActionResult, Intent, Outcome, Request, Status
from assistant.understanding.base_replies import base_replies
from assistant.understanding.language import own_folder
from assistant.understanding.understanding import Understanding

_OTHERS = sorted(
    code
    for code in get_languages()
    if (folder := own_folder(code)) is None or not Path(folder, "replies.yaml").is_file()
)
_AT = dt.datetime(2026, 11, 4, 10, 7, tzinfo=BERLIN)


def _home() -> Home:
    home = Home(
        [
            Device("lamp", "Lampadaire", "light", "salon", features=Features(brightness=True)),
            Device("store", "Store", "cover", "salon", device_class="blind"),
            Device("temp", "Thermomètre", "sensor", "salon", device_class="temperature",
                   features=Features(unit="°C")),
        ],
        [Area("salon", "Salon")],
    )  # fmt: skip
    home.update_state("lamp", {"power": "on"})
    home.update_state("store", {"position": 0})
    home.update_state("temp", {"value": 21.5})
    return home


class _Obedient:
    connected = True

    def __init__(self, status: Status = Status.CONFIRMED) -> None:
        self._status = status

    async def perform(self, actions: list[Action]) -> tuple[ActionResult, ...]:
        return tuple(ActionResult(action, self._status) for action in actions)


def _conversation(language: str, status: Status = Status.CONFIRMED) -> Conversation:
    home, clock = _home(), ManualClock(_AT)
    return Conversation(
        understanding=Understanding(home, language), replies=Replies(language), home=home,
        bus=_Obedient(status), schedule=Schedule(Database.open(None), clock), clock=clock,
        safety=SafetySettings(),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("language", "said", "reply"),
    [
        ("fr", "allume le lampadaire", "Allumé."),
        ("fr", "éteins toutes les lumières", "Éteint."),
        ("fr", "quelle heure est-il", "Il est 10:07."),
        ("fr", "est-ce que le lampadaire est allumé", "Oui."),
        ("fr", "quelles lumières sont allumées", "Lampadaire."),
        ("fr", "quelle est la température dans le salon", "21.5 degrés."),
        ("fr", "mets un minuteur de dix minutes", "Minuteur lancé."),
        ("fr", "bla bla bla", "Désolé, je n'ai pas compris."),
        ("nl", "doe de Lampadaire aan", "Aangezet."),
        ("nl", "welke dag is het vandaag", "Het is woensdag 4 november 2026."),
        ("es", "enciende la luz Lampadaire", "Se ha activado la luz."),
    ],
)
async def test_the_base_package_answers(language: str, said: str, reply: str) -> None:
    assert (await _conversation(language).ask(Request(said))).reply == reply


async def test_a_device_that_does_not_answer_is_never_said_to_be_on() -> None:
    turn = await _conversation("fr", Status.NO_ANSWER).ask(Request("allume le lampadaire"))
    assert "Allumé" not in turn.reply
    assert "lampadaire" in turn.reply.casefold()


@pytest.mark.parametrize("language", _OTHERS)
def test_every_language_of_the_base_has_words_for_what_was_not_understood(language: str) -> None:
    said = Replies(language).render("not_understood")
    assert said
    assert said not in Replies("en").variants("not_understood")


def test_most_languages_of_the_base_say_that_a_lamp_is_on() -> None:
    home = _home()
    done = Outcome(
        "HassTurnOn.default",
        results=(ActionResult(Action("light.turn_on", "lamp"), Status.CONFIRMED),),
        intent=Intent("HassTurnOn", {"name": "Lampadaire"}),
    )
    silent = [
        code for code in _OTHERS
        if (base := base_replies(code)) is None or not base.outcome(done, home)
    ]  # fmt: skip
    assert len(silent) < 0.2 * len(_OTHERS), silent
