"""A language model on a bigger machine: any server that speaks OpenAI's chat completions.

llama-server, Ollama and vLLM do (https://platform.openai.com/docs/api-reference/chat). A server
that takes a grammar (llama-server's `grammar`) is held to the home's menu by it; of any other, what
it says is compared with the menu, and what is not on it is refused. Nothing leaves this machine
unless `llm.server` is set.
"""

from __future__ import annotations

import json
import logging
import math
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from assistant.config import LanguageModelSettings
from assistant.errors import LanguageModelError, ModelError
from assistant.llm.answers import Answerer, Talk, spoken_answer
from assistant.llm.choices import Decision
from assistant.llm.goals import GoalData
from assistant.llm.menu import Menu
from assistant.llm.proposals import cleaned
from assistant.types import Written

_LOG = logging.getLogger(__name__)
_MAX_ANSWER = 262_144
_MAX_TEXT = 200
_MAX_TOKENS = 128
_REST_S = 30.0
"""A server that failed is left alone for so long: nobody should wait for it at every request."""


class Server:
    """The server's end of one address. Blocking."""

    def __init__(self, settings: LanguageModelSettings) -> None:
        """Raises `ModelError` when the address or the key's file is of no use."""
        address = urlsplit(settings.server)
        if address.scheme not in {"http", "https"} or not address.hostname:
            raise ModelError(
                f'llm.server is "{settings.server}": expected an address such as '
                "http://192.168.1.5:8080"
            )
        self.address = settings.server.rstrip("/").removesuffix("/v1")
        self._model = settings.server_model
        self._timeout_s = settings.timeout_s
        self._takes_grammar = True
        self._rests_until = 0.0
        self._headers = {"Content-Type": "application/json"}
        if settings.api_key_file:
            path = Path(settings.api_key_file).expanduser()
            try:
                self._headers["Authorization"] = f"Bearer {path.read_text('utf-8').strip()}"
            except (OSError, UnicodeDecodeError) as error:
                reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
                raise ModelError(f"llm.api_key_file {path} cannot be read: {reason}") from error
        self._opener = urllib.request.build_opener(_NoRedirects)

    def ask(
        self, system: str, user: str, *,
        before: Sequence[tuple[str, str]] = (), grammar: str = "", max_tokens: int,
    ) -> dict[str, Any]:  # fmt: skip
        """The first choice of the answer, after the turns `before`. Raises `LanguageModelError`."""
        if time.monotonic() < self._rests_until:
            raise LanguageModelError(f"{self.address} failed a moment ago")
        body: dict[str, Any] = {
            "messages": [
                {"role": "system", "content": system},
                *(
                    {"role": role, "content": text}
                    for turn in before
                    for role, text in zip(("user", "assistant"), turn, strict=True)
                ),
                {"role": "user", "content": user},
            ],
            "max_tokens": max_tokens,
            "temperature": 0,
            "stream": False,
        }
        if self._model:
            body["model"] = self._model
        if grammar:
            body["logprobs"] = True
        try:
            if grammar and self._takes_grammar:
                try:
                    return self._post({**body, "grammar": grammar})
                except urllib.error.HTTPError as error:
                    if error.code not in {400, 422}:
                        raise
                    _LOG.info("%s takes no grammar: its answers are checked", self.address)
                    self._takes_grammar = False
            return self._post(body)
        except (OSError, HTTPException, ValueError, KeyError, IndexError, TypeError) as error:
            self._rests_until = time.monotonic() + _REST_S
            raise LanguageModelError(
                f"The language model server {self.address} cannot be used: {error}"
            ) from error

    def _post(self, body: Mapping[str, Any]) -> dict[str, Any]:
        request = urllib.request.Request(  # noqa: S310  the scheme was checked
            f"{self.address}/v1/chat/completions",
            json.dumps(body).encode("utf-8"),
            self._headers,
        )
        ends = time.monotonic() + self._timeout_s
        data = b""
        with self._opener.open(request, timeout=self._timeout_s) as response:
            while part := response.read1(65_536):
                data += part
                if len(data) > _MAX_ANSWER:
                    raise ValueError("its answer is too long")
                if time.monotonic() > ends:
                    raise TimeoutError(f"it took longer than {self._timeout_s:g} s")
        choice = json.loads(data)["choices"][0]
        if not isinstance(choice["message"]["content"], str):
            raise ValueError("its answer holds no text")
        return dict(choice)


class RemoteDecider:
    """Chooses from a menu with a server's model."""

    def __init__(self, server: Server, instructions: str) -> None:
        self._server = server
        self._instructions = instructions

    def keep(self, menu: Menu, stop: Callable[[], bool]) -> bool:
        """Servers keep the beginnings of prompts by themselves."""
        del menu, stop
        return True

    def decide(
        self, menu: Menu, said: str, area: str | None, stop: Callable[[], bool]
    ) -> Decision | None:
        """What the server's model says, if it is on the menu; else "nothing"."""
        if stop():
            return None
        choice = self._server.ask(
            self._instructions,
            menu.fixed + menu.request(said, area),
            grammar=menu.grammar,
            max_tokens=_MAX_TOKENS,
        )
        lines = choice["message"]["content"].strip().splitlines()
        text = f" {lines[0].strip().lower().rstrip('.')}\n" if lines else "\n"
        sure = _probability(choice)
        count = len(menu.read(text))
        if count:
            known = 1.0 if sure is None else sure
            return Decision(text, (known,) * count, 1.0, weighed=sure is not None)
        if menu.outcome(text):
            return Decision(text, (), 0.0)
        _LOG.info("the language model server said what is not on the menu: refused")
        return Decision("\n", (), 0.0)


class RemoteAnswerer(Answerer):
    """Answers questions with a server's model."""

    def __init__(self, server: Server, data: GoalData) -> None:
        self._server = server
        self.data = data

    def answer(
        self, text: str, stop: Callable[[], bool], talk: Talk | None = None,
        written: Written = lambda sentence: None,
    ) -> str:  # fmt: skip
        """Like `Answerer.answer`; a server's answer comes whole, nothing is told before."""
        del written
        if self.is_current(text):
            return self.data.declined
        asked = cleaned(text, _MAX_TEXT)
        system, before = self._told(talk or Talk())
        choice = self._server.ask(system, asked, before=before, max_tokens=_MAX_TOKENS)
        return "" if stop() else spoken_answer(choice["message"]["content"], self.data)


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """What is said at home, and the key, go where the settings say and nowhere else."""

    def redirect_request(self, *args: Any) -> None:
        return None


def _probability(choice: Mapping[str, Any]) -> float | None:
    """Of the whole answer; None where the server does not tell."""
    try:
        tokens = choice["logprobs"]["content"]
        return math.exp(min(0.0, sum(float(token["logprob"]) for token in tokens)))
    except (KeyError, TypeError, ValueError):
        return None
