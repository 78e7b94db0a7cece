"""States that do not last: replaced when their device has not repeated them in time."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from assistant.home.model import Home
from assistant.home.mqtt.dialect import Binding


class Expiry:
    """Runs down what bindings say of how long their states hold (`Binding.expires`)."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._running: dict[tuple[str, str], asyncio.TimerHandle] = {}

    def told(self, binding: Binding, keys: Iterable[str]) -> None:
        """A device has told these keys of its state: their time begins anew."""
        for key in keys:
            if key in binding.expires:
                seconds, _ = binding.expires[key]
                at = (binding.device.id, key)
                if (running := self._running.pop(at, None)) is not None:
                    running.cancel()
                loop = asyncio.get_running_loop()
                self._running[at] = loop.call_later(seconds, self._over, binding, key)

    def forget(self, binding: Binding) -> None:
        """A device is gone, or its states hold otherwise now."""
        for key in binding.expires:
            if (running := self._running.pop((binding.device.id, key), None)) is not None:
                running.cancel()

    def _over(self, binding: Binding, key: str) -> None:
        device_id = binding.device.id
        self._running.pop((device_id, key), None)
        _, replacement = binding.expires[key]
        state = self._home.state(device_id)
        if replacement is None:
            self._home.forget_state(device_id, key)
        elif state.get(key) != replacement:
            self._home.update_state(device_id, {key: replacement})
