"""A small server that speaks OpenAI's chat completions, with the real model behind it.

    python openai_server.py MODEL.gguf [--like KIND] [--say TEXT] [--fault FAULT] [--key KEY]
        [--whole]

It writes its port when it listens, and then a line of JSON for every request. KIND says
which fields hold it: "llamacpp" (`grammar`, or `response_format`; both are refused), "ollama"
(`response_format`), "vllm" (`structured_outputs`), "vllm-old" (`guided_grammar`), "none" (fields
it does not know are refused). All but "none" ignore the others, as those servers do. Without a
model it says TEXT.
"""

from __future__ import annotations

import argparse
import json
import math
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from assistant.llm.llama import LlamaModel

FAULTS = (
    "hang", "500", "html", "redirect", "loading", "slow", "nonsense", "no-events", "endless",
    "thinking", "half", "late", "error-event",
)  # fmt: skip
_OWNERS = {"llamacpp": "llamacpp", "ollama": "library", "vllm": "vllm", "vllm-old": "vllm"}
_KNOWN = {"model", "messages", "max_tokens", "temperature", "stream", "logprobs"}
_MODEL = threading.Lock()


class BadRequestError(Exception):
    """What the server answers with 400."""


def grammar_of(body: dict[str, Any], like: str) -> str | None:
    """What holds the answer, as this kind of server understands it."""
    schema = body.get("response_format", {}).get("json_schema", {}).get("schema")
    match like:
        case "llamacpp":
            if schema and "grammar" in body:
                raise BadRequestError(
                    "Either json_schema or grammar can be specified, but not both"
                )
            if "grammar" in body:
                return str(body["grammar"])
        case "vllm":
            return body.get("structured_outputs", {}).get("grammar")  # type: ignore[no-any-return]
        case "vllm-old":
            return body.get("guided_grammar")
        case "none":
            if unknown := set(body) - _KNOWN:
                raise BadRequestError(f"unknown field {unknown.pop()}")
            return None
    if not schema:
        return None
    from llama_cpp.llama_grammar import json_schema_to_gbnf  # not where nothing is decoded

    return json_schema_to_gbnf(json.dumps(schema))


def handler(model: LlamaModel | None, args: argparse.Namespace) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            if args.key and self.headers["Authorization"] != f"Bearer {args.key}":
                self._send(401, b'{"error": {"message": "Invalid API Key"}}')
            elif self.path == "/v1/models" and args.like in _OWNERS:
                listed = {"data": [{"id": "a-model", "owned_by": _OWNERS[args.like]}]}
                self._send(200, json.dumps(listed).encode())
            else:
                self._send(404, b"{}")

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            print(json.dumps(body), flush=True)
            match args.fault:
                case "hang":
                    time.sleep(30)
                case "500":
                    self._send(500, b"{}")
                case "html":
                    self._send(200, b"<html>hello</html>")
                case "redirect":
                    to = f"http://127.0.0.1:{self.server.server_port}/else"  # type: ignore[attr-defined]
                    self._send(302, b"", Location=to)
                case "loading":
                    self._send(503, b'{"error": {"code": 503, "message": "Loading model"}}')
                case "no-events":
                    self._send(200, b"hello\nhello\n", kind="text/event-stream")
                case _:
                    self._answer(body)

        def _answer(self, body: dict[str, Any]) -> None:
            try:
                pieces = written(body, grammar_of(body, args.like))
            except BadRequestError as error:
                self._send(400, json.dumps({"error": {"message": str(error)}}).encode())
                return
            if args.whole:
                text = "".join(piece["delta"]["content"] for piece in pieces)
                whole = {"index": 0, "message": {"role": "assistant", "content": text}}
                self._send(200, json.dumps({"choices": [whole]}).encode())
                return
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            try:
                for choice in pieces:
                    self._chunk(f"data: {json.dumps({'choices': [choice]})}\n\n")
                if args.fault == "half":
                    self.connection.shutdown(socket.SHUT_RDWR)
                    return
                if args.fault == "nonsense":
                    self._chunk("data: {]\n\n")
                if args.fault == "error-event":
                    self._chunk('data: {"error": {"message": "out of memory"}}\n\n')
                self._chunk("data: [DONE]\n\n")
                self.wfile.write(b"0\r\n\r\n")
            except (BrokenPipeError, ConnectionResetError):
                print(json.dumps({"hung_up": True}), flush=True)

        def _chunk(self, text: str) -> None:
            data = text.encode()
            self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")

        def _send(
            self, code: int, data: bytes, kind: str = "application/json", **headers: str
        ) -> None:
            if data.startswith(b"<"):
                kind = "text/html"
            self.send_response(code)
            given = {"Content-Length": str(len(data)), "Content-Type": kind, **headers}
            for name, value in given.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *args: Any) -> None:
            pass

    def written(body: dict[str, Any], held: str | None) -> Iterator[dict[str, Any]]:
        if args.fault == "late":
            time.sleep(30)
        while args.fault == "thinking":
            yield {"delta": {"reasoning_content": "hmm "}}
            time.sleep(0.02)
        tells = bool(body.get("logprobs")) and args.like != "none"
        if model is None:
            yield _choice(args.say, math.log(0.97) if tells else None)
        else:
            with _MODEL:
                yield from decoded(model, body, held, tells=tells)
        while args.fault == "endless":
            yield _choice("and on ", None)
        if args.fault != "half":
            yield {"delta": {"content": ""}, "finish_reason": "stop"}

    def decoded(
        model: LlamaModel, body: dict[str, Any], held: str | None, *, tells: bool
    ) -> Iterator[dict[str, Any]]:
        system, *turns = (message["content"] for message in body["messages"])
        before = tuple(zip(turns[:-1:2], turns[1:-1:2], strict=True))
        prompt, text = model.dialogue(system, turns[-1], before), ""
        for piece in model.stream(prompt, grammar=held, max_tokens=body["max_tokens"]):
            text += piece
            yield _choice(piece, 0.0 if tells else None)
            if args.fault == "slow":
                time.sleep(0.1)
        if tells and text.strip():
            yield _choice("", float(model.score(prompt, [text])[0][0]))

    return Handler


def _choice(text: str, logprob: float | None) -> dict[str, Any]:
    choice: dict[str, Any] = {"index": 0, "delta": {"content": text}}
    if logprob is not None:
        choice["logprobs"] = {"content": [{"token": text, "logprob": logprob}]}
    return choice


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("model", nargs="?")
    parser.add_argument("--like", choices=(*_OWNERS, "none"), default="llamacpp")
    parser.add_argument("--say", default="")
    parser.add_argument("--fault", choices=("", *FAULTS), default="")
    parser.add_argument("--key", default="")
    parser.add_argument("--whole", action="store_true", help="answers never come in pieces")
    args = parser.parse_args()
    model = None
    if args.model:
        from assistant.llm.llama import LlamaModel

        model = LlamaModel(Path(args.model))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler(model, args))
    server.daemon_threads = True
    print(server.server_port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
