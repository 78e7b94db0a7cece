"""What is said back: templates per language, filled with what really happened.

A language's `intents/<language>/replies.yaml` holds `macros` (Jinja, shared by all templates),
`words` (of states, for the macros) and nested texts, each one text or a list of variants that take
turns; `units.yaml` holds the words of units.
Templates run in Jinja's immutable sandbox and are compiled when first used. A language without
replies of its own says what the base package has for it (`base_replies.py`), else English.
"""

from __future__ import annotations

import logging
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.errors import ConfigError
from assistant.home.commands.planning import needs_code
from assistant.home.devices import Device
from assistant.home.model import Home
from assistant.home.safety import Question, Wants
from assistant.particles import with_particle
from assistant.types import Action, ActionResult, Outcome, SlotValue, Status, Turn
from assistant.understanding.base_replies import base_replies
from assistant.understanding.language import load_yaml, own_folder

if TYPE_CHECKING:
    from jinja2 import Environment, Template

_LOG = logging.getLogger(__name__)

_GAP = re.compile(r" ([.,;:!?])(?=\s|$)")
_COUNT = re.compile(r"(\d*)\s*(.*)", re.DOTALL)
_FALLBACK = "en"
_DONE = (Status.CONFIRMED, Status.SENT)
_UNDECIDED = (Status.DRY_RUN, Status.AWAITING_CONFIRMATION)
_MOST_NAMES = 3
_YES_OR_NO = Question(Wants.YES)


class Replies:
    """The spoken replies of one language. Raises `ConfigError` for a replies file that is damaged.

    The first of a language compiles its macros (0.1 s), so that the first reply need not.
    No rendering raises: a template that fails is logged, and something true is said instead.
    """

    def __init__(self, language: str) -> None:
        self.language = language
        self._wording = _wording(language)
        self._texts = dict(self._wording.texts)
        self._turn = 0
        self._spare: Replies | None = None
        self._base = None if self._texts else base_replies(language)
        self.render("nevermind")

    def vary(self) -> None:
        """From now on the next variant of every reply that has some."""
        self._turn += 1

    def variants(self, key: str, /, **slots: object) -> list[str]:
        """All ways to say `key`."""
        turn, said = self._turn, []
        for number in range(len(self._texts.get(key, ("",)))):
            self._turn = number
            said.append(self.render(key, **slots))
        self._turn = turn
        return said

    def render(self, key: str, /, **slots: object) -> str:
        """The reply `key` ("errors.audio", "timer.started"), in words to be spoken."""
        from jinja2 import TemplateError

        template = self._template(key)
        if template is None:
            return self._other(key, slots)
        try:
            return _GAP.sub(r"\1", " ".join(template.render(**slots).split()))
        except (TemplateError, TypeError, ValueError, ArithmeticError, LookupError) as error:
            _LOG.error("the reply %s (%s) cannot be rendered: %s", key, self.language, error)
            return self._other(key, slots)

    def outcome(self, outcome: Outcome, home: Home) -> str:
        """What to say of `outcome`: of its results if it has any, else its own reply."""
        if outcome.said and all(result.status in _DONE for result in outcome.results):
            return outcome.said
        if self._base is not None and (told := self._base.outcome(outcome, home)):
            return told
        if not outcome.results:
            return self.render(outcome.reply, **outcome.slots)
        said: list[str] = []
        done = 0
        for (status, service, _), results in _grouped(outcome.results).items():
            actions = [result.action for result in results]
            slots = self._words(actions, home)
            if status in _DONE:
                total = sum(r.action.service == service for r in outcome.results)
                slots["total"] = total
                slots["moving"] = all(_moves(home, action.device) for action in actions)
                section = "sent" if status is Status.SENT else "done"
                key = self._known(section, service)
                said.append(self.render(key, **slots))
                done = len(said)
            elif status is Status.DRY_RUN:
                command = self._command(actions, home)
                said.append(self.render("dry_run", command=command, **slots))
            elif status is Status.AWAITING_CONFIRMATION:
                said.append(self.question(actions, home))
            else:
                detail = next((r.detail for r in results if r.detail), "")
                said.append(self.render(f"status.{status.value}", detail=detail, **slots))
        if 0 < done < len(said) and not any(r.status in _UNDECIDED for r in outcome.results):
            parts = [part.rstrip(".。") for part in said]
            return self.render("partial", done=parts[:done], undone=parts[done:])
        return " ".join(said)

    def question(
        self, actions: Sequence[Action], home: Home, question: Question = _YES_OR_NO
    ) -> str:
        """The question before `actions` are done: "Should I unlock the front door?" """
        commands = [self._command(group, home) for group in _alike(actions)]
        command = self.render("joined", parts=commands)
        if question.wants is Wants.YES:
            return self.render("question", command=command)
        device = home.devices.get(question.device)
        name = self._name(device) if device is not None else ""
        return self.render(f"pin.{question.wants.value}", command=command, name=name)

    def explained(self, turn: Turn, home: Home) -> str:
        """What was understood, by which tier, and what each device said to it."""
        devices = [
            (self._name(device), result.status.value)
            for result in turn.results
            if (device := home.devices.get(result.action.device)) is not None
        ]
        tier = turn.tier.value if turn.tier else ""
        return self.render("explained", text=turn.text, tier=tier, devices=devices)

    def _command(self, actions: Sequence[Action], home: Home) -> str:
        return self.render(self._known("command", actions[0].service), **self._words(actions, home))

    def _words(self, actions: Sequence[Action], home: Home) -> dict[str, object]:
        devices = [home.devices[a.device] for a in actions if a.device in home.devices]
        group = _group_of(devices, home)
        names = [self._name(device) for device in devices] or [action.device for action in actions]
        names = [self._name(group)] if group is not None else names
        kinds = {device.type for device in devices}
        classes = {device.device_class for device in devices}
        areas = {device.area for device in devices}
        area = home.areas.get(next(iter(areas)) or "") if len(areas) == 1 and areas else None
        kind = kinds.pop() if len(kinds) == 1 else ""
        device_class = (classes.pop() or "") if len(classes) == 1 else ""
        return {
            "names": names,
            "many": len(names) > _MOST_NAMES,
            "count": len(names),
            "kind": device_class if kind == "cover" and device_class else kind,
            "area": area.name_in(self.language)
            if area and _fills(area.id, kind, devices, home)
            else "",
            "service": actions[0].service,
            "verb": actions[0].service.partition(".")[2],
            "data": dict(actions[0].data),
            "coded": any(
                needs_code(home.devices[a.device], a.service.partition(".")[2])
                for a in actions
                if a.device in home.devices
            ),
        }

    def _name(self, device: Device) -> str:
        return device.name_in(self.language)

    def _known(self, section: str, service: str) -> str:
        """The most particular key there is: by service, by verb, or the section's default."""
        for key in (service, service.partition(".")[2]):
            if f"{section}.{key}" in self._texts:
                return f"{section}.{key}"
        return f"{section}.default"

    def _template(self, key: str) -> Template | None:
        variants = self._texts.get(key)
        if not variants:
            return None
        from jinja2 import TemplateError

        text = variants[self._turn % len(variants)]
        try:
            return self._wording.template(text)
        except TemplateError as error:
            _LOG.error("the reply %s (%s) is no template: %s", key, self.language, error)
            self._texts[key] = tuple(variant for variant in variants if variant != text)
            return self._template(key)

    def _other(self, key: str, slots: Mapping[str, object]) -> str:
        """What to say where this language has no words: English, and in the end something plain."""
        if self._base is not None and (said := self._base.problem(key, slots)):
            return said
        if self.language != _FALLBACK and own_folder(_FALLBACK) is not None:
            if self._spare is None:
                self._spare = Replies(_FALLBACK)
            return self._spare.render(key, **slots)
        if key == "problems.default":
            return ""
        section = key.partition(".")[0]
        fallback = f"{section}.default"
        return self.render(fallback if fallback != key else "problems.default", **slots)


_Texts = dict[str, tuple[str, ...]]
"""By key, one text or several variants."""


class _Wording:
    """What is said in a language, each template compiled when it is first used."""

    def __init__(self, language: str) -> None:
        self._macros, self.texts, self._said_for = _load(language)
        names = ", ".join(re.findall(r"{%-?\s*macro\s+(\w+)", self._macros))
        self._imports = f'{{% from "macros" import {names} with context %}}' if names else ""
        self._environment: Environment | None = None
        self._compiled: dict[str, Template] = {}

    def template(self, text: str) -> Template:
        """`text` as a template that knows the macros. Raises jinja2's `TemplateError`."""
        if text not in self._compiled:
            self._compiled[text] = self._jinja().from_string(self._imports + text)
        return self._compiled[text]

    def _jinja(self) -> Environment:
        if self._environment is None:
            from jinja2 import DictLoader
            from jinja2.sandbox import ImmutableSandboxedEnvironment

            environment = ImmutableSandboxedEnvironment(
                trim_blocks=True,
                lstrip_blocks=True,
                autoescape=False,
                loader=DictLoader({"macros": self._macros}),
            )
            environment.filters["particle"] = with_particle
            environment.globals["words"] = self._said_for
            self._environment = environment
        return self._environment


@cache
def _wording(language: str) -> _Wording:
    """Made once for all who speak a language."""
    return _Wording(language)


def _load(language: str) -> tuple[str, _Texts, Mapping[str, Mapping[str, str]]]:
    """A language's macros, its texts by key, and its words by kind and key."""
    folder = own_folder(language)
    path = folder / "replies.yaml" if folder else None
    if folder is None or path is None or not path.is_file():
        return "", {}, {}
    content = load_yaml(path)
    macros = content.pop("macros", "")
    if not isinstance(macros, str):
        raise ConfigError(f'{path}: "macros" is to be a text. Correct this file.')
    words = content.pop("words", {})
    if not isinstance(words, dict) or not all(isinstance(w, dict) for w in words.values()):
        raise ConfigError(f'{path}: "words" is to be a mapping of mappings. Correct this file.')
    if (units := folder / "units.yaml").is_file():
        words["units"] = _unit_words(units)
    texts: _Texts = {}
    _flatten("", content, texts)
    return macros, texts, words


class UnitWords(dict[str, str]):
    """What units are called: "watt|watts". "a/b" that is not there is made of "a" and "b"."""

    def __init__(self, units: Mapping[str, str], per: str) -> None:
        super().__init__(units)
        self._per = per

    def get(self, unit: str, default: str = "") -> str:  # type: ignore[override]
        """The forms of `unit`, or `default` where it, or a part of it, has no words."""
        if unit in self:
            return self[unit]
        above, _, below = unit.partition("/")
        count, below = _COUNT.fullmatch(below).groups()  # type: ignore[union-attr]
        if above not in self or below not in self:
            return default
        singular, *plural = self[below].split("|")
        under = f"{count} {(plural or [singular])[0]}" if count else singular
        made = (
            (self._per.replace("#", "") if "#" in form else self._per).format(form, under)
            for form in self[above].split("|")
        )
        return "|".join(made)


def _unit_words(path: Path) -> UnitWords:
    content = load_yaml(path)
    units, per = content.get("units"), content.get("per")
    if not isinstance(units, dict) or not isinstance(per, str):
        raise ConfigError(f'{path}: needs a mapping "units" and a text "per". Correct this file.')
    return UnitWords({str(unit): str(forms) for unit, forms in units.items()}, per)


def _flatten(prefix: str, content: Mapping[str, Any], into: _Texts) -> None:
    for key, value in content.items():
        if isinstance(value, Mapping):
            _flatten(f"{prefix}{key}.", value, into)
        else:
            variants = value if isinstance(value, list) else [value]
            into[f"{prefix}{key}"] = tuple(str(variant) for variant in variants)


_Group = tuple[Status, str, tuple[tuple[str, SlotValue], ...]]


def _grouped(results: Iterable[ActionResult]) -> dict[_Group, list[ActionResult]]:
    """Results by what is to be said of them, what was done first."""
    groups: dict[_Group, list[ActionResult]] = defaultdict(list)
    for result in sorted(results, key=lambda r: r.status not in _DONE):
        action = result.action
        told = result.status in (*_DONE, Status.DRY_RUN)
        data = tuple(sorted(action.data.items())) if told else ()
        service = action.service if told else ""
        groups[result.status, service, data].append(result)
    return groups


def _alike(actions: Iterable[Action]) -> list[list[Action]]:
    groups: dict[tuple[str, tuple[tuple[str, SlotValue], ...]], list[Action]] = defaultdict(list)
    for action in actions:
        groups[action.service, tuple(sorted(action.data.items()))].append(action)
    return list(groups.values())


def _group_of(devices: Sequence[Device], home: Home) -> Device | None:
    """The group of which `devices` are the members, all of them."""
    ids = {device.id for device in devices}
    if len(ids) < 2:
        return None
    groups = (d for d in home.devices.values() if d.exposed and d.members)
    return next((group for group in groups if set(group.members) == ids), None)


def _moves(home: Home, device_id: str) -> bool:
    """Whether a cover or valve is on its way still."""
    return home.state(device_id).get("cover") in ("opening", "closing")


def _fills(area: str, kind: str, devices: Sequence[Device], home: Home) -> bool:
    """Whether `devices` are several, and all of their kind in the area."""
    there = [d.id for d in home.devices.values() if d.exposed and d.area == area and d.type == kind]
    return len(devices) > 1 and set(there) == {device.id for device in devices}
