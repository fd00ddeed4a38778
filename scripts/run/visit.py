"""A live seminar: its seat and its room, two participants who join by LiveKit's own client, and who came."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from scripts.run.meeting import meet
from scripts.run.purchase import Purchase, json_of, wait_for
from scripts.seed import TEACHER

Json = dict[str, Any]

# Seconds. The schedule looks once a minute.
_A_TICK: Final = 75.0


@dataclass(slots=True)
class Visit:
    """The buyer's visit to the seminar that was bought, led by its teacher. Each method is one step."""

    purchase: Purchase
    teacher_token: str = ""

    def wait_for_seat(self) -> str:
        """Wait until the payment has confirmed the seat."""
        return wait_for(self._confirmed, "the seat is not confirmed")

    def wait_for_room(self) -> str:
        """Wait until the schedule has made the room and opened the doors."""
        return wait_for(self._open, "the doors are not open", _A_TICK)

    def meet(self) -> str:
        """Let teacher and buyer join, and wait until each sees the other."""
        account = {"email": TEACHER, "password": self.purchase.environment.teacher_password}
        self.teacher_token = self._ask("POST", "/auth/login", account)["access_token"]
        wanted = {"seminar_id": str(self.purchase.offers.seminar_id)}
        host, attendee = self._ask("POST", "/sfu/token", wanted), self.purchase.post("/sfu/token", wanted)
        return meet(host, attendee)

    def wait_for_attendance(self) -> str:
        """Wait until LiveKit's webhooks have told who came and left."""
        return wait_for(self._attendance, "the stays are not known")

    def _confirmed(self) -> str | None:
        own = self.purchase.get("/me/seminars")["items"]
        mine = next(one for one in own if one["seminar"]["id"] == str(self.purchase.offers.seminar_id))
        return mine["seminar"]["title"] if mine["seat"]["state"] == "confirmed" else None

    def _open(self) -> str | None:
        seminar = self.purchase.get(f"/seminars/{self.purchase.offers.seminar_id}")
        return f"seminar {seminar['state']}" if seminar["state"] == "open" else None

    def _attendance(self) -> str | None:
        stays = self._ask("GET", f"/seminars/{self.purchase.offers.seminar_id}/attendance")["items"]
        ended = [one for one in stays if one["left_at"]]
        return f"{len(ended)} stays" if len({one["profile_id"] for one in ended}) > 1 else None

    def _ask(self, method: str, path: str, body: Mapping[str, object] | None = None) -> Json:
        """The answer to the teacher."""
        headers = {"Authorization": f"Bearer {self.teacher_token}"} if self.teacher_token else {}
        url = f"{self.purchase.environment.api}{path}"
        return json_of(self.purchase.client.request(method, url, json=body, headers=headers))
