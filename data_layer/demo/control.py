"""The control route: switch faults on and off over HTTP, for tests and tools outside this process."""

from __future__ import annotations

import json

from data_layer.demo.answering import Answer


class FaultControl(Answer):
    """POST and DELETE /control/faults (and GET, to see what is on)."""

    handles_faults = False

    async def prepare(self) -> None:
        """Stay out of the log and the limit."""

    async def get(self, *parts: str) -> None:
        """Say which faults are on."""
        self.finish({"faults": self.exchange.faults.active()})

    async def post(self) -> None:
        """Switch a fault on: {"name": …, "options": {…}}, as JSON (which a foreign web page cannot send unasked)."""
        if not self.request.headers.get("Content-Type", "").startswith("application/json"):
            self.set_status(415)
            self.finish({"error": "Content-Type must be application/json"})
            return
        try:
            wanted = json.loads(self.request.body)
            self.exchange.faults.set(wanted["name"], **wanted.get("options", {}))
        except (ValueError, KeyError, TypeError, AttributeError) as problem:
            self.set_status(400)
            self.finish({"error": str(problem)})
            return
        self.finish({"faults": self.exchange.faults.active()})

    async def delete(self) -> None:
        """Switch all faults off."""
        self.exchange.faults.clear()
        self.finish({"faults": []})
