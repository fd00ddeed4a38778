"""What only the emulator has: faults on purpose, and a look at the deliveries."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from emulators.livekit.deliveries import Deliverer
from emulators.livekit.faults import Faults

_FIELDS: Final = frozenset({"delay", "status", "copies"})
_LOWEST_STATUS, _HIGHEST_STATUS = 400, 599


@dataclass(frozen=True, slots=True)
class Controls:
    """The endpoints under `/_emulator`. They need no key."""

    faults: Faults
    deliverer: Deliverer

    async def show_faults(self, _request: Request) -> Response:
        """The faults that are set."""
        return JSONResponse(self._shown())

    async def set_faults(self, request: Request) -> Response:
        """Set those that the form names; an empty status ends that fault. 422 with the field that is wrong."""
        form = dict(parse_qsl((await request.body()).decode(errors="replace"), keep_blank_values=True))
        if unknown := sorted(form.keys() - _FIELDS):
            return JSONResponse({"error": f"unknown: {', '.join(unknown)}"}, 422)
        try:
            delay = float(form.get("delay", self.faults.delay))
            copies = int(form.get("copies", self.deliverer.copies))
            status = int(form["status"]) if form.get("status") else None
        except ValueError:
            return JSONResponse({"error": "delay, copies and status are numbers"}, 422)
        if not delay >= 0 or copies < 1 or not _is_error(status):
            return JSONResponse({"error": "delay from 0, copies from 1, status from 400 to 599"}, 422)
        self.faults.delay, self.deliverer.copies = delay, copies
        if "status" in form:
            self.faults.status = status
        return JSONResponse(self._shown())

    async def show_deliveries(self, _request: Request) -> Response:
        """The deliveries, the newest first."""
        return JSONResponse([delivery.shown() for delivery in reversed(self.deliverer.deliveries)])

    def _shown(self) -> dict[str, float | int | None]:
        return {"delay": self.faults.delay, "status": self.faults.status, "copies": self.deliverer.copies}


def _is_error(status: int | None) -> bool:
    return status is None or _LOWEST_STATUS <= status <= _HIGHEST_STATUS
