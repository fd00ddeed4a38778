"""A server of live rooms without a network."""

from dataclasses import dataclass, field

from core.ports.errors import GatewayError
from core.ports.rooms import RoomParticipant, RoomPlan, RoomRole


@dataclass(slots=True)
class FakeRooms:
    """A server of rooms without a network; every call raises `fault` if it is set."""

    fault: GatewayError | None = None
    plans: dict[str, RoomPlan] = field(default_factory=dict[str, RoomPlan])
    calls: list[str] = field(default_factory=list[str])

    there: list[RoomParticipant] = field(default_factory=list[RoomParticipant])

    def create(self, plan: RoomPlan) -> int:
        self._count("create")
        self.plans.setdefault(plan.name, plan)
        return len(self.there)

    def participants(self, name: str) -> list[RoomParticipant]:
        self._count(f"participants {name}")
        return list(self.there)

    def remove(self, name: str, identity: str) -> bool:
        self._count(f"remove {name} {identity}")
        was_there = any(one.identity == identity for one in self.there)
        self.there = [one for one in self.there if one.identity != identity]
        return was_there

    def change(self, name: str, identity: str, role: RoomRole) -> None:
        self._count(f"change {name} {identity} {role}")

    def mute(self, name: str, identity: str) -> None:
        self._count(f"mute {name} {identity}")

    def send(self, name: str, topic: str, text: str) -> None:
        self._count(f"send {name} {topic} {text}")

    def delete(self, name: str) -> None:
        self._count("delete")
        self.plans.pop(name, None)

    def _count(self, call: str) -> None:
        if self.fault:
            raise self.fault
        self.calls.append(call)
