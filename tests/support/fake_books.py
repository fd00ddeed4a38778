"""A payment provider's lists and objects without a network."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from core.ports.books import BookEntry, Item, Object, ObjectKind, Page, Window
from core.ports.errors import GatewayNotFound


@dataclass(slots=True)
class FakeBooks:
    """Lists what it holds, whatever the window's times are, in pages of one item. `before_answer` runs in each call."""

    objects: dict[str, Sequence[Object]] = field(default_factory=dict[str, Sequence[Object]])
    events: list[Object] = field(default_factory=list[Object])
    entries: list[BookEntry] = field(default_factory=list[BookEntry])
    before_answer: Callable[[], object] = field(default=lambda: None)

    def fetch(self, kind: ObjectKind, object_id: str) -> Sequence[Object]:
        self.before_answer()
        if object_id not in self.objects:
            raise GatewayNotFound(f"there is no {kind} {object_id}")
        return self.objects[object_id]

    def list_events(self, types: Sequence[str], window: Window) -> Page[Object]:
        self.before_answer()
        return _page([one for one in self.events if one["type"] in types], window)

    def list_entries(self, window: Window) -> Page[BookEntry]:
        self.before_answer()
        return _page(self.entries, window)


def _page(items: Sequence[Item], window: Window) -> Page[Item]:
    """The item after that of the window; an item's id is its number."""
    number = int(window.after or 0)
    return Page(items[number : number + 1], str(number + 1) if number + 1 < len(items) else None)
