"""Skill: what a user's own intents do, as `actions.yaml` says."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

from assistant.home.devices import Device
from assistant.home.resolve import Problem, Resolved, resolve
from assistant.skills.context import SkillContext
from assistant.skills.targets import failed, find, missing
from assistant.types import Action, ActionResult, Intent, Outcome, SlotValue
from assistant.understanding.own import PUBLISH, OwnIntent, Step

if TYPE_CHECKING:
    from jinja2.sandbox import ImmutableSandboxedEnvironment

_LOG = logging.getLogger(__name__)


async def handle(own: OwnIntent, intent: Intent, ctx: SkillContext) -> Outcome:
    """Take the steps in order. None is taken where a device is not found or a template fails."""
    if not own.steps and not own.replies:
        return failed("problems.not_able", intent=intent.name)
    actions: list[tuple[Action, ...]] = []
    for step in own.steps:
        data = _data(step, intent)
        if data is None:
            return failed("problems.not_able", intent=intent.name)
        if step.service == PUBLISH:
            actions.append((Action(PUBLISH, step.device, data),))
            continue
        found = _devices(step, intent, ctx)
        if not found.devices:
            named = Intent(intent.name, {**intent.slots, "name": step.device or ""})
            return missing(named if step.device else intent, ctx, found)
        actions.append(tuple(Action(step.service, device.id, data) for device in found.devices))
    results: list[ActionResult] = []
    for together in actions:
        results += await ctx.perform(together)
    said = _said(own, intent)
    return Outcome(
        "problems.not_able", dict(intent.slots), tuple(results),
        failed=not said and not results, said=said or "",
    )  # fmt: skip


def _devices(step: Step, intent: Intent, ctx: SkillContext) -> Resolved:
    domain = step.service.partition(".")[0]
    if step.device:
        device = ctx.home.devices.get(step.device)
        if device is not None:
            return Resolved((device,))
        domains = () if domain == "homeassistant" else (domain,)
        return resolve(ctx.home, {"name": step.device}, domains=domains, preferred_area=ctx.area)
    if not (intent.device_ids or {"name", "area", "floor"} & intent.slots.keys()):
        return Resolved(problem=Problem.NO_DEVICE)
    found = find(intent, ctx, () if domain == "homeassistant" else (domain,))
    fitting: tuple[Device, ...] = found.devices
    return Resolved(fitting, found.problem, found.candidates)


def _data(step: Step, intent: Intent) -> Mapping[str, SlotValue] | None:
    data: dict[str, SlotValue] = {}
    for key, value in step.data.items():
        if not isinstance(value, str) or "{" not in value:
            data[key] = value
            continue
        text = _rendered(value, intent)
        if text is None:
            return None
        data[key] = text if step.service == PUBLISH else _number(text)
    return data


def _number(text: str) -> SlotValue:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _said(own: OwnIntent, intent: Intent) -> str | None:
    """The user's reply; None where there is none, or it cannot be worded."""
    template = own.replies.get(intent.response) or own.replies.get("default")
    rendered = _rendered(template, intent) if template else None
    return " ".join(rendered.split()) if rendered is not None else None


def _rendered(template: str, intent: Intent) -> str | None:
    from jinja2 import TemplateError

    slots = dict(intent.slots)
    try:
        return _jinja().from_string(template).render({**slots, "slots": slots})
    except (TemplateError, TypeError, ValueError, ArithmeticError, LookupError) as error:
        _LOG.error("%s: the template %r cannot be rendered: %s", intent.name, template, error)
        return None


@cache
def _jinja() -> ImmutableSandboxedEnvironment:
    from jinja2 import StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    return ImmutableSandboxedEnvironment(undefined=StrictUndefined)
