"""A small server that speaks OpenAI's chat completions, with the real model behind it.

    python openai_server.py MODEL.gguf [--no-grammar] [--say TEXT] [--break KIND] [--key KEY]

It writes its port when it listens. KIND: "hang", "500", "html", "redirect".
"""

from __future__ import annotations

import argparse
import json
import math
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from assistant.llm.llama import LlamaModel

_MODEL = threading.Lock()


def handler(model: LlamaModel | None, args: argparse.Namespace) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if args.breaks == "hang":
                threading.Event().wait(30)
            elif args.breaks == "500":
                self._send(500, b"{}")
            elif args.breaks == "html":
                self._send(200, b"<html>hello</html>")
            elif args.breaks == "redirect":
                self._send(302, b"", Location=f"http://127.0.0.1:{self.server.server_port}/else")
            elif args.key and self.headers["Authorization"] != f"Bearer {args.key}":
                self._send(401, b"{}")
            elif args.no_grammar and "grammar" in body:
                self._send(400, b'{"error": "unknown field grammar"}')
            else:
                self._send(200, json.dumps(answer(body)).encode())

        def _send(self, code: int, data: bytes, **headers: str) -> None:
            self.send_response(code)
            for name, value in {"Content-Length": str(len(data)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *args: Any) -> None:
            pass

    def answer(body: dict[str, Any]) -> dict[str, Any]:
        text = args.say
        if model is not None:
            system, user = (message["content"] for message in body["messages"])
            prompt = model.dialogue(system, user)
            with _MODEL:
                text = model.complete(
                    prompt, grammar=body.get("grammar"), max_tokens=body["max_tokens"]
                )
                score = float(model.score(prompt, [text])[0][0]) if text.strip() else -1.0
        else:
            score = math.log(0.97)
        choice: dict[str, Any] = {"index": 0, "message": {"role": "assistant", "content": text}}
        if body.get("logprobs") and not args.no_grammar:
            choice["logprobs"] = {"content": [{"token": text, "logprob": score}]}
        return {"object": "chat.completion", "choices": [choice]}

    return Handler


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("model", nargs="?")
    parser.add_argument("--no-grammar", action="store_true")
    parser.add_argument("--say", default="")
    parser.add_argument("--break", dest="breaks", default="")
    parser.add_argument("--key", default="")
    args = parser.parse_args()
    model = LlamaModel(Path(args.model)) if args.model else None
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler(model, args))
    server.daemon_threads = True
    print(server.server_port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
