"""Understanding room: what Home Assistant's package says in languages without replies of our own.

`home-assistant-intents` has, per language, `responses` by intent and response key, and by error:
Jinja templates over `slots`, `state` and `query` (https://developers.home-assistant.io/docs/voice/).
They are short ("Allumé"), and there is none for alarms, lists and whatever else Home Assistant has
not. Only what can be rendered whole counts: a template that asks for more than is known here says
nothing, and the caller speaks English.
"""

from __future__ import annotations

import contextlib
import itertools
import logging
from collections.abc import Mapping
from functools import cache
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from assistant.home.model import Home
from assistant.types import Intent, Outcome, Status
from assistant.understanding.language import base_language

if TYPE_CHECKING:
    from jinja2 import Environment, Template

_LOG = logging.getLogger(__name__)

_DONE = (Status.CONFIRMED, Status.SENT)
_ASKED = {
    "state.one": "one", "state.yesno": "one_yesno", "state.any": "any", "state.all": "all",
    "state.which": "which", "state.how_many": "how_many", "temperature.current": "default",
    "temperature.target": "target_temperature", "clock.time": "default", "clock.date": "default",
}  # fmt: skip
_KEPT = {
    "list.added": "item_added", **dict.fromkeys((
        "timer.started", "timer.cancelled", "timer.all_cancelled", "timer.paused",
        "timer.resumed", "timer.added", "timer.taken",
    ), "default"),
}  # fmt: skip
"""What was set or changed without a device, and the key of what is said of it."""
_PROBLEMS = {
    "not_understood": "no_intent", "problems.default": "handle_error",
    "problems.not_able": "feature_not_supported", "problems.no_device": "no_entity",
    "problems.no_area": "no_area", "problems.no_floor": "no_floor",
    "timer.none": "timer_not_found", "timer.no_such": "timer_not_found",
}  # fmt: skip
_STATE_LISTS = {"cover": "cover_states", "lock": "lock_states", "valve": "cover_states"}
_MOST_FORMS = 32


class BaseReplies:
    """One language's replies in the base package."""

    def __init__(self, language: str, content: Mapping[str, Any]) -> None:
        self._language = language
        responses = content.get("responses") or {}
        self._intents: Mapping[str, Mapping[str, str]] = responses.get("intents") or {}
        self._errors: Mapping[str, str] = responses.get("errors") or {}
        self._lists: Mapping[str, Any] = content.get("lists") or {}
        self._environment: Environment | None = None

    def outcome(self, outcome: Outcome, home: Home) -> str:
        """What to say of something done or asked for; empty where the package has no words."""
        intent = outcome.intent
        if intent is None:
            return ""
        if outcome.results:
            if any(result.status not in _DONE for result in outcome.results):
                return ""
            device = home.devices.get(outcome.results[0].action.device)
            if device is None:
                return ""
            slots = {"name": device.name_in(self._language), **self._slots(intent, home)}
            state = self._state(device.id, device.type, "", "")
            return self._said(intent, intent.response, slots=slots, state=state)
        if (kept := _KEPT.get(outcome.reply)) is not None:
            return self._said(intent, kept, slots=self._slots(intent, home))
        key = _ASKED.get(outcome.reply)
        return self._told(intent, key, outcome.slots, home) if key else ""

    def problem(self, key: str, slots: Mapping[str, object]) -> str:
        """What to say for the reply `key` of an error; empty where the package has no words."""
        text = self._errors.get(_PROBLEMS.get(key, ""))
        return self._rendered(text, slots) if text else ""

    def _told(self, intent: Intent, key: str, found: Mapping[str, object], home: Home) -> str:
        slots = {**self._slots(intent, home), **{k: v for k, v in found.items() if k == "name"}}
        actual, unit = found.get("actual", found.get("value")), str(found.get("unit") or "")
        if "now" in found:
            slots["time"] = found["now"]
        if "date" in found:
            slots["date"] = found["date"]
        state = self._state("", str(found.get("domain", "")), actual, unit)
        if key == "one" and not state.state_with_unit:
            return ""
        return self._said(
            intent, key, slots=slots, state=state,
            query=SimpleNamespace(
                matched=[SimpleNamespace(name=name) for name in _names(found.get("matching"))],
                unmatched=[SimpleNamespace(name=name) for name in _names(found.get("others"))],
            ),
            state_attr=lambda entity, attribute: actual if "temperature" in attribute else None,
        )  # fmt: skip

    def _said(self, intent: Intent, key: str, **known: object) -> str:
        texts = self._intents.get(intent.name, {})
        text = texts.get(key) or (texts.get("default") if "query" not in known else None)
        return self._rendered(text, known) if text else ""

    def _rendered(self, text: str, known: Mapping[str, object]) -> str:
        from jinja2 import TemplateError

        try:
            said = " ".join(self._template(text).render(**known).split())
        except (TemplateError, TypeError, ValueError, ArithmeticError, LookupError) as error:
            _LOG.debug("a base reply in %s cannot be rendered: %s", self._language, error)
            return ""
        return said if not said or said[-1] in ".!?。؟।" else f"{said}."

    def _template(self, text: str) -> Template:
        if self._environment is None:
            from jinja2 import StrictUndefined
            from jinja2.sandbox import ImmutableSandboxedEnvironment

            self._environment = ImmutableSandboxedEnvironment(
                undefined=StrictUndefined, autoescape=False
            )
        return self._environment.from_string(text)

    def _slots(self, intent: Intent, home: Home) -> dict[str, object]:
        """The intent's slots, with rooms by their names."""
        slots: dict[str, object] = dict(intent.slots)
        area = home.areas.get(str(slots.get("area", "")))
        if area is not None:
            slots["area"] = area.name_in(self._language)
        return slots

    def _state(self, entity: str, domain: str, actual: object, unit: str) -> Any:
        """A state as the templates know it; its words are empty where there are none."""
        number = isinstance(actual, int | float) and not isinstance(actual, bool)
        words = f"{actual:g} {unit}".strip() if number else self._word(domain, str(actual or ""))
        return SimpleNamespace(entity_id=entity, domain=domain, state=actual, state_with_unit=words)

    def _word(self, domain: str, state: str) -> str:
        """The shortest of the words by which this language asks for a state: "allumé"."""
        from hassil.errors import HassilError
        from hassil.parser import ParseError

        values = self._lists.get(_STATE_LISTS.get(domain, "on_off_states"), {}).get("values", ())
        for value in values:
            if isinstance(value, Mapping) and value.get("out") == state:
                with contextlib.suppress(HassilError, ParseError, LookupError):
                    return _shortest(str(value.get("in", "")))
        return ""


@cache
def base_replies(language: str) -> BaseReplies | None:
    """The base package's replies in `language`; None where it has none."""
    from home_assistant_intents import get_intents

    base = base_language(language)
    content = get_intents(base) if base else None
    return BaseReplies(language, content) if content and content.get("responses") else None


def _names(found: object) -> list[str]:
    return [str(name) for name in found] if isinstance(found, list | tuple) else []


def _shortest(template: str) -> str:
    from hassil.parse_expression import parse_sentence
    from hassil.sample import sample_expression

    forms = itertools.islice(sample_expression(parse_sentence(template).expression), _MOST_FORMS)
    return min((" ".join(form.split()) for form in forms), key=len, default="")
