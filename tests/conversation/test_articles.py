"""An article is no pronoun: "den Timer" after a timer means the timer, not a timer called so."""

from __future__ import annotations

import pytest
from dialogues import Talk


@pytest.mark.parametrize(
    ("language", "first", "then", "meant"),
    [
        ("de", "stell einen Timer auf zehn Minuten", "lösche den Timer",
         ("HassCancelTimer", {})),
        ("de", "stell einen Timer auf zehn Minuten", "stell den Wecker auf sieben Uhr",
         ("AssistantSetAlarm", {"hour": 7, "minute": 0})),
        ("de", "erinnere mich in zehn Minuten an die Wäsche",
         "erinnere mich morgen um neun an den Müll",
         ("AssistantSetReminder", {"reminder": "Müll", "day": "tomorrow", "hour": 9, "minute": 0})),
        ("de", "erinnere mich in zehn Minuten an die Wäsche",
         "erinnere mich in zwei Stunden die Blumen zu gießen",
         ("AssistantSetReminder", {"reminder": "die Blumen zu gießen", "hours": 2})),
        ("de", "setz Milch auf die Einkaufsliste", "leere die Einkaufsliste",
         ("AssistantClearList", {})),
        ("de", "setz Milch auf die Einkaufsliste", "setz die Eier auf die Einkaufsliste",
         ("HassShoppingListAddItem", {"item": "Eier"})),
        ("de", "weck mich um sieben", "lösche den Wecker um acht Uhr",
         ("AssistantCancelAlarm", {"hour": 8, "minute": 0})),
        ("de", "mach den Ventilator an", "erinnere mich in zwei Stunden die Blumen zu gießen",
         ("AssistantSetReminder", {"reminder": "die Blumen zu gießen", "hours": 2})),
        ("de", "mach die Heizung an", "schalte die Heizung um sechs für zwei Stunden ein",
         ("AssistantDelay", {"command": "schalte die Heizung ein", "hour": 6, "minute": 0,
                             "clock": 12, "for_hours": 2})),
        ("de", "setz Milch auf die Einkaufsliste",
         "wenn ich Kino sage, mach die Leselampe aus und die Heizung an",
         ("AssistantLearnRoutine", {"phrase": "Kino",
                                    "commands": "mach die Leselampe aus und die Heizung an"})),
        ("en", "set a timer for ten minutes", "cancel that timer",
         ("HassCancelTimer", {"start_minutes": 10})),
        ("en", "remind me at nine to eat", "remind me in two hours to buy that milk",
         ("AssistantSetReminder", {"reminder": "buy that milk", "hours": 2})),
        ("zh", "定一个十分钟的计时器", "取消那个计时器",
         ("HassCancelTimer", {"start_minutes": 10})),
    ],
)  # fmt: skip
async def test_an_article_is_no_pronoun(language, first, then, meant) -> None:
    talk = Talk(language)
    await talk.say(first)
    turn = await talk.say(then)
    [intent] = turn.intents
    assert (intent.name, dict(intent.slots)) == meant, turn.reply
