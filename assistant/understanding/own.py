"""Understanding room: a user's own sentences and what they do, from `<folder>/<language>/`.

Sentence files are Home Assistant's custom sentences, unchanged
(https://www.home-assistant.io/voice_control/custom_sentences_yaml/); `actions.yaml` beside them
names what each own intent does and says. A file with a mistake is left out, the rest counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from assistant.errors import ConfigError
from assistant.types import SlotValue
from assistant.understanding.language import closest, load_yaml
from assistant.understanding.loading import HANDLED, check_file, vocabulary_of

ACTIONS = "actions.yaml"
PUBLISH = "mqtt.publish"
"""The service of a step that publishes; its device is the topic."""


@dataclass(frozen=True, slots=True, order=True)
class Mistake:
    """One thing wrong in a file of the user's."""

    path: Path
    line: int
    """From 1; 0 where it is not known."""
    text: str

    def __str__(self) -> str:
        return f"{self.path}{f':{self.line}' if self.line else ''}: {self.text}"


@dataclass(frozen=True, slots=True)
class Step:
    """One command; texts in `data` are Jinja templates over the intent's slots."""

    service: str
    device: str = ""
    """Id or name; empty: what the sentence names. For `PUBLISH` the topic."""
    data: Mapping[str, SlotValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OwnIntent:
    """What an intent of the user's does, and says when all of it was done."""

    steps: tuple[Step, ...] = ()
    replies: Mapping[str, str] = field(default_factory=dict)
    """Jinja templates over the slots by response key; "default" where a key has none."""


@dataclass(frozen=True, slots=True)
class Own:
    """Everything usable in a user's folder, and what is wrong with the rest."""

    files: tuple[Path, ...] = ()
    intents: Mapping[str, OwnIntent] = field(default_factory=dict)
    mistakes: tuple[Mistake, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """A sentence template of a file."""

    path: Path
    line: int
    intent: str
    text: str


class _Publish(BaseModel):
    model_config = ConfigDict(extra="forbid")

    topic: Annotated[str, Field(min_length=1, pattern=r"^[^#+{}\x00]+$")]
    payload: str | int | float | bool = ""
    retain: bool = False


class _Step(BaseModel):
    model_config = ConfigDict(extra="forbid")

    service: Annotated[str, Field(pattern=r"^[a-z_]+\.[a-z_]+$")] | None = None
    device: str = ""
    data: dict[str, str | int | float | bool | tuple[int, ...]] = {}
    publish: _Publish | None = None

    @model_validator(mode="after")
    def _one_thing(self) -> _Step:
        if (self.service is None) == (self.publish is None):
            raise ValueError('a step has either "service" or "publish"')
        if self.publish is not None and (self.device or self.data):
            raise ValueError('"device" and "data" belong to a "service"')
        if self.service == PUBLISH:
            raise ValueError('publish with "publish: {topic: …, payload: …}"')
        if "{" in self.device:
            raise ValueError("templates are for values in data only; leave the device out to mean "
                             "the one that the sentence names")  # fmt: skip
        return self

    def step(self) -> Step:
        if self.publish is None:
            return Step(self.service or "", self.device, dict(self.data))
        payload, retain = self.publish.payload, self.publish.retain
        if isinstance(payload, bool):
            payload = "true" if payload else "false"
        return Step(PUBLISH, self.publish.topic, {"payload": str(payload), "retain": retain})


class _Action(BaseModel):
    model_config = ConfigDict(extra="forbid")

    steps: list[_Step] = []
    reply: str = ""


_ACTIONS: TypeAdapter[_Action] = TypeAdapter(_Action)


def own_folder_of(folder: Path, language: str) -> Path | None:
    """The folder of `language` ("en" also for "en_US") among the user's, if there is one."""
    if not folder.is_dir():
        return None
    found = closest(language, tuple(sorted(p.name for p in folder.iterdir() if p.is_dir())))
    return folder / found if found else None


def load_own(folder: Path, language: str) -> Own:
    """The user's sentences and actions in `<folder>/<language>/`; nothing where there are none."""
    there = own_folder_of(folder, language)
    return read_own(there, language) if there is not None else Own()


def read_own(folder: Path, language: str) -> Own:
    """The sentence files and `actions.yaml` in `folder` itself. Raises nothing for mistakes."""
    contents: dict[Path, dict[str, Any]] = {}
    mistakes: list[Mistake] = []
    paths = sorted((*folder.glob("*.yaml"), *folder.glob("*.yml")))
    for path in paths:
        try:
            contents[path] = load_yaml(path)
        except ConfigError as error:
            mistakes.append(Mistake(path, _line_of(error), _shorter(error, path)))
    actions = contents.pop(folder / ACTIONS, {})
    known = vocabulary_of(language, contents)
    replies: dict[str, dict[str, str]] = {}
    for path, content in tuple(contents.items()):
        found = list(_mistakes_in(path, content, known))
        mistakes += found
        if found:
            del contents[path]
            continue
        said = (content.get("responses") or {}).get("intents") or {}
        for name, texts in said.items():
            if name not in HANDLED and isinstance(texts, dict):
                replies.setdefault(name, {}).update({k: str(v) for k, v in texts.items()})
    intents = {name: OwnIntent((), texts) for name, texts in replies.items()}
    for name, read in _actions(folder / ACTIONS, actions):
        if isinstance(read, Mistake):
            mistakes.append(read)
            continue
        texts = {"default": read.reply} if read.reply else replies.get(name, {})
        intents[name] = OwnIntent(tuple(step.step() for step in read.steps), texts)
    return Own(tuple(contents), intents, tuple(sorted(mistakes)))


def places_in(path: Path) -> list[Place]:
    """Every sentence template of a file and the line it begins on; [] for what is no such file."""
    try:
        root = yaml.compose(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        return []
    found = []
    for name, intent in _entries(_entry(root, "intents")):
        data = _entry(intent, "data")
        for block in data.value if isinstance(data, yaml.SequenceNode) else ():
            sentences = _entry(block, "sentences")
            if isinstance(sentences, yaml.SequenceNode):
                found += [
                    Place(path, node.start_mark.line + 1, name, str(node.value))
                    for node in sentences.value
                    if isinstance(node, yaml.ScalarNode)
                ]
    return found


def line_of_intent(path: Path, name: str) -> int:
    """The line on which `actions.yaml` names an intent; 0 where it does not."""
    try:
        root = yaml.compose(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        return 0
    if not isinstance(root, yaml.MappingNode):
        return 0
    return next((k.start_mark.line + 1 for k, _ in root.value if k.value == name), 0)


def _mistakes_in(path: Path, content: dict[str, Any], known: dict[str, Any]) -> Iterator[Mistake]:
    wrong = list(check_file(path, content, known))
    if not wrong:
        return
    lines: dict[tuple[str, str], int] = {}
    for place in places_in(path):
        lines.setdefault((place.intent, place.text), place.line)
    for intent, sentence, text in wrong:
        yield Mistake(path, lines.get((intent, sentence), 0), text)


def _actions(path: Path, content: dict[str, Any]) -> Iterator[tuple[str, _Action | Mistake]]:
    from jinja2 import TemplateSyntaxError
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    environment = ImmutableSandboxedEnvironment()
    for name, value in content.items():
        line = line_of_intent(path, str(name))
        if name in HANDLED or str(name).startswith("Assistant"):
            text = f"{name} is the assistant's own intent; give yours another name."
            yield name, Mistake(path, line, text)
            continue
        try:
            action = _ACTIONS.validate_python(value)
            values = [v for s in action.steps for v in s.step().data.values()]
            for template in (action.reply, *values):
                if isinstance(template, str):
                    environment.parse(template)
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(str(part) for part in (name, *first["loc"]))
            reason = first["msg"].removeprefix("Value error, ")
            yield name, Mistake(path, line, f"{place}: {reason}.")
        except TemplateSyntaxError as error:
            yield name, Mistake(path, line, f"{name}: a template is malformed: {error.message}.")
        else:
            yield str(name), action


def _entry(node: Any, key: str) -> Any:
    return next((value for name, value in _entries(node) if name == key), None)


def _entries(node: Any) -> list[tuple[str, Any]]:
    if not isinstance(node, yaml.MappingNode):
        return []
    return [(str(key.value), value) for key, value in node.value]


def _line_of(error: ConfigError) -> int:
    mark = getattr(error.__cause__, "problem_mark", None)
    return mark.line + 1 if mark is not None else 0


def _shorter(error: ConfigError, path: Path) -> str:
    problem = getattr(error.__cause__, "problem", None)
    if problem:
        return f"This is no YAML: {problem}."
    return re.sub(r"\s+", " ", str(error).removeprefix(str(path)).strip())
