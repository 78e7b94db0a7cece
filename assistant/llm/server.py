"""The other end of one address: a server that speaks OpenAI's chat completions, read as it writes.

llama-server, Ollama and vLLM do (https://platform.openai.com/docs/api-reference/chat). Each is held
to the menu by a field of its own, and ignores those of the others:

- llama-server: `grammar`, GBNF (llama.cpp, tools/server/README.md);
- vLLM: `structured_outputs` with a grammar, `guided_grammar` before version 0.12
  (https://docs.vllm.ai/en/latest/features/structured_outputs/);
- Ollama and the others: `response_format` with a JSON schema
  (https://docs.ollama.com/api/openai-compatibility).
"""

from __future__ import annotations

import json
import logging
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from assistant.config import LanguageModelSettings
from assistant.errors import LanguageModelError, ModelError
from assistant.llm.line import MOST_BYTES, Line, Patience, RefusedError, words
from assistant.llm.proposals import cleaned

_LOG = logging.getLogger(__name__)
_REST_S = 30.0
"""A server that failed is left alone for so long: nobody should wait for it at every request."""

Stop = Callable[[], bool]


class Way(StrEnum):
    """The field by which a server is held to what may be said."""

    GRAMMAR = "grammar"
    STRUCTURED = "structured_outputs"
    GUIDED = "guided_grammar"
    SCHEMA = "response_format"
    FREE = ""
    """Nothing holds it."""


_WAYS = {
    "llamacpp": (Way.GRAMMAR, Way.SCHEMA, Way.FREE),
    "vllm": (Way.STRUCTURED, Way.GUIDED, Way.SCHEMA, Way.FREE),
}
"""By `owned_by` of the server's own list of models; what is tried first, first."""
_OTHER_WAYS = (Way.SCHEMA, Way.GRAMMAR, Way.FREE)
_NO_THINKING = {"chat_template_kwargs": {"enable_thinking": False}}
"""What both llama-server and vLLM take for models that would think aloud first."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What may be said, in the two forms that servers take."""

    grammar: str
    """GBNF."""
    schema: Mapping[str, Any]
    """JSON schema."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Some of an answer."""

    text: str
    probability: float | None = None
    """0..1; None where the server does not tell."""
    cut: bool = False
    """Whether the answer ends here for being too long."""


@dataclass(frozen=True, slots=True)
class Said:
    """A whole answer."""

    text: str
    way: Way
    probability: float | None
    cut: bool


class Server:
    """One address. Blocking, and for one thread at a time."""

    def __init__(self, settings: LanguageModelSettings) -> None:
        """Raises `ModelError` when the address or the key's file is of no use."""
        address = urlsplit(settings.server)
        try:
            port = address.port
        except ValueError:
            port = -1
        if address.scheme not in {"http", "https"} or not address.hostname or port == -1:
            raise ModelError(
                f'llm.server is "{settings.server}": expected an address such as '
                "http://192.168.1.5:8080"
            )
        self.address = settings.server.rstrip("/").removesuffix("/v1")
        self._model = settings.server_model
        self._timeout_s = settings.timeout_s
        self._rests_until = 0.0
        self._ways: tuple[Way, ...] = ()
        self._kind = ""
        self._fault = ""
        headers = {"Content-Type": "application/json"}
        if settings.api_key_file:
            path = Path(settings.api_key_file).expanduser()
            try:
                headers["Authorization"] = f"Bearer {path.read_text('utf-8').strip()}"
            except (OSError, UnicodeDecodeError) as error:
                reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
                raise ModelError(f"llm.api_key_file {path} cannot be read: {reason}") from error
        self._line = Line(address, headers)

    @property
    def state(self) -> str:
        """In words: how it did when it was last asked."""
        if self._fault:
            return f"failed: {self._fault}"
        if not self._ways:
            return "not asked yet"
        held = f"held by {self._ways[0].value}" if self._ways[0] else "its answers are checked"
        return f"answers as {self._kind or 'an unknown server'}, {held}"

    def ask(
        self, system: str, user: str, *,
        limits: Limits, as_json: str, max_tokens: int, stop: Stop,
    ) -> Said | None:  # fmt: skip
        """One answer within `limits`, as far as the server takes them; None when stopped.

        It is told `as_json` too where it is held to JSON. Raises `LanguageModelError`, also when it
        takes longer than the time limit.
        """
        while True:
            way = self._way(stop)
            told = f"{system}\n{as_json}" if way is Way.SCHEMA else system
            body = self._body(told, user, (), max_tokens)
            body |= {"logprobs": True, **_field(way, limits)}
            text, probability, cut, weighed = "", 1.0, False, True
            try:
                for piece in self._pieces(body, stop, whole=True):
                    text += piece.text
                    cut = cut or piece.cut
                    weighed = weighed and (piece.probability is not None or not piece.text)
                    probability *= 1.0 if piece.probability is None else piece.probability
            except RefusedError as error:
                if not (error.code in {400, 422, 500, 501} and self.distrust(way)):
                    raise self._failed(error) from error
                continue
            if stop():
                return None
            return Said(text, way, probability if weighed and text else None, cut)

    def distrust(self, way: Way) -> bool:
        """Hold it by another field than `way` from now on; False where none is left."""
        if way is Way.FREE:
            return False
        self._ways = tuple(other for other in self._ways if other is not way)
        _LOG.info("%s does not keep to %s: %s", self.address, way.value, self.state)
        return True

    def stream(
        self, system: str, user: str, before: Sequence[tuple[str, str]], *,
        max_tokens: int, stop: Stop,
    ) -> Iterator[str]:  # fmt: skip
        """An answer after the turns `before`, piece by piece, until it ends or `stop` turns true.

        Its first piece has to come within the time limit. Raises `LanguageModelError`.
        """
        self._way(stop)
        try:
            for piece in self._pieces(
                self._body(system, user, before, max_tokens), stop, whole=False
            ):
                yield piece.text
        except RefusedError as error:
            raise self._failed(error) from error

    def _body(
        self, system: str, user: str, before: Sequence[tuple[str, str]], max_tokens: int
    ) -> dict[str, Any]:
        turns = [
            {"role": role, "content": text}
            for turn in before
            for role, text in zip(("user", "assistant"), turn, strict=True)
        ]
        body: dict[str, Any] = {
            "messages": [
                {"role": "system", "content": system}, *turns, {"role": "user", "content": user},
            ],
            "max_tokens": max_tokens,
            "temperature": 0,
            "stream": True,
        }  # fmt: skip
        if self._kind in _WAYS:
            body |= _NO_THINKING
        if self._model:
            body["model"] = self._model
        return body

    def _way(self, stop: Stop) -> Way:
        """How it is held; finds out what kind of server it is when it is asked first."""
        if time.monotonic() < self._rests_until:
            raise LanguageModelError(f"{self.address} failed a moment ago ({self._fault})")
        if not self._ways:
            try:
                self._kind = self._owner(stop)
            except (RefusedError, OSError, HTTPException, ValueError) as error:
                if stop():
                    raise LanguageModelError(f"{self.address} was not waited for") from error
                raise self._failed(error) from error
            self._ways = _WAYS.get(self._kind, _OTHER_WAYS)
            _LOG.info("%s: %s", self.address, self.state)
        return self._ways[0]

    def _owner(self, stop: Stop) -> str:
        """`owned_by` in its list of models; empty where it has no such list."""
        try:
            with self._line.answer("/v1/models", None, Patience(stop, self._timeout_s)) as response:
                data = json.loads(response.read(MOST_BYTES))
        except RefusedError as error:
            if error.code in {401, 403}:
                raise
            return ""
        models = data.get("data") if isinstance(data, dict) else None
        first = models[0] if isinstance(models, list) and models else None
        owner = first.get("owned_by") if isinstance(first, dict) else None
        return cleaned(owner, 40) if isinstance(owner, str) else ""

    def _pieces(self, body: Mapping[str, Any], stop: Stop, *, whole: bool) -> Iterator[Piece]:
        """What it writes; with `whole` all of it within the time limit, else its beginning."""
        patience = Patience(stop, self._timeout_s)
        try:
            with self._line.answer("/v1/chat/completions", body, patience) as response:
                for piece in _read(response):
                    if stop():
                        return
                    if piece.text and not whole:
                        patience.endless()
                    yield piece
            self._fault = ""
        except (OSError, HTTPException, ValueError, KeyError, IndexError, TypeError) as error:
            if not stop():
                raise self._failed(error) from error

    def _failed(self, error: Exception) -> LanguageModelError:
        self._rests_until = time.monotonic() + _REST_S
        self._fault = str(error) or type(error).__name__
        self._ways = ()
        return LanguageModelError(
            f"The language model server {self.address} cannot be used: {self._fault}"
        )


def _field(way: Way, limits: Limits) -> dict[str, Any]:
    match way:
        case Way.GRAMMAR | Way.GUIDED:
            return {way.value: limits.grammar}
        case Way.STRUCTURED:
            return {way.value: {"grammar": limits.grammar}}
        case Way.SCHEMA:
            named = {"name": "commands", "strict": True, "schema": limits.schema}
            return {way.value: {"type": "json_schema", "json_schema": named}}
    return {}


def _read(response: HTTPResponse) -> Iterator[Piece]:
    """The pieces of a stream of events, or the one of a server that does not stream.

    https://html.spec.whatwg.org/multipage/server-sent-events.html
    """
    kind = response.headers.get_content_type()
    if kind == "application/json":
        data = response.read(MOST_BYTES + 1)
        if len(data) > MOST_BYTES:
            raise ValueError("its answer is too long")
        yield _piece(json.loads(data)["choices"][0], "message")
        return
    if kind != "text/event-stream":
        raise ValueError(f"it answers with {cleaned(kind, 40)}")
    read, ended = 0, False
    while line := response.readline(MOST_BYTES):
        read += len(line)
        if read > MOST_BYTES:
            raise ValueError("its answer is too long")
        field, _, value = line.partition(b":")
        if field != b"data":
            continue
        if value.strip() == b"[DONE]":
            return
        event = json.loads(value)
        if "error" in event:
            raise ValueError(words(event["error"]))
        if event["choices"]:
            ended = ended or bool(event["choices"][0].get("finish_reason"))
            yield _piece(event["choices"][0], "delta")
    if not ended:
        raise ConnectionError("it hung up in the middle of its answer")


def _piece(choice: Mapping[str, Any], key: str) -> Piece:
    """What a choice says. Raises `KeyError`, `TypeError` or `ValueError` where it is none."""
    text = choice[key].get("content") or ""
    if not isinstance(text, str):
        raise ValueError("its answer holds no text")
    try:
        tokens = choice["logprobs"]["content"]
        probability = math.exp(min(0.0, sum(float(token["logprob"]) for token in tokens)))
    except (KeyError, TypeError, ValueError):
        probability = None
    return Piece(text, probability, choice.get("finish_reason") == "length")
