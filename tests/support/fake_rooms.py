"""A server of live rooms without a network."""

from dataclasses import dataclass, field

from core.ports.errors import GatewayError
from core.ports.rooms import RoomParticipant, RoomPlan


@dataclass(slots=True)
class FakeRooms:
    """A server of rooms without a network; every call raises `fault` if it is set."""

    fault: GatewayError | None = None
    plans: dict[str, RoomPlan] = field(default_factory=dict[str, RoomPlan])
    calls: list[str] = field(default_factory=list[str])

    def create(self, plan: RoomPlan) -> None:
        self._count("create")
        self.plans.setdefault(plan.name, plan)

    def participants(self, name: str) -> list[RoomParticipant]:
        self._count(f"participants {name}")
        return []

    def remove(self, name: str, identity: str) -> None:
        self._count(f"remove {name} {identity}")

    def delete(self, name: str) -> None:
        self._count("delete")
        self.plans.pop(name, None)

    def _count(self, call: str) -> None:
        if self.fault:
            raise self.fault
        self.calls.append(call)
