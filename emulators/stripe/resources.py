"""What most objects of the API share: an id, retrieve, update, delete and list, each with its event."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from emulators.stripe.emulator import Call
from emulators.stripe.errors import no_such
from emulators.stripe.events import change, emit
from emulators.stripe.ids import new_id
from emulators.stripe.json_types import Json
from emulators.stripe.pagination import LIST_PARAMS, list_page
from emulators.stripe.schema import Check, check_params, list_of, merge_metadata, metadata, text

EXPAND: dict[str, Check] = {"expand": list_of(text())}


@dataclass(frozen=True, slots=True)
class Resource:
    """One kind of object.

    `updates` are the parameters that can be changed, besides `metadata`; `filters` those of the list, each a field of
    the object. `event` is the first part of the names of its events, by default `kind`.
    """

    kind: str
    path: str
    id_prefix: str
    updates: Mapping[str, Check] = field(default_factory=dict[str, Check])
    filters: Mapping[str, Check] = field(default_factory=dict[str, Check])
    event: str | None = None

    def create(self, call: Call, fields: Json) -> Json:
        """Save a new object with these fields and emit its `created` event."""
        item = self.new(call, fields)
        emit(call, self._event("created"), item)
        return item

    def new(self, call: Call, fields: Json) -> Json:
        """Save a new object with these fields, without an event."""
        common: Json = {
            "id": new_id(self.id_prefix),
            "object": self.kind,
            "created": call.created,
            "livemode": False,
            "metadata": {},
        }
        return call.store.save({**common, **fields})

    def find(self, call: Call, object_id: str, *, status: int = 404, param: str = "id") -> Json:
        """The object with that id; raises `ApiError`."""
        found = call.store.find(self.kind, object_id)
        if found is None:
            raise no_such(self.kind, object_id, status=status, param=param)
        return found

    def retrieve(self, call: Call) -> Json:
        """GET {path}/{id}."""
        check_params(call.params, EXPAND)
        return self.find(call, call.path["id"])

    def update(self, call: Call) -> Json:
        """POST {path}/{id}."""
        return change(call, *self.read_update(call), self._event("updated"))

    def read_update(self, call: Call) -> tuple[Json, Json]:
        """The object of the path, and the checked changes of the request; raises `ApiError`."""
        params = check_params(call.params, {**self.updates, **EXPAND, "metadata": metadata})
        item = self.find(call, call.path["id"])
        params.pop("expand", None)
        if "metadata" in params:
            params["metadata"] = merge_metadata(item["metadata"], params["metadata"])
        return item, params

    def delete(self, call: Call) -> Json:
        """DELETE {path}/{id}."""
        check_params(call.params, {})
        item = self.find(call, call.path["id"])
        emit(call, self._event("deleted"), item)
        return self.remove(call, item)

    def remove(self, call: Call, item: Json) -> Json:
        """Delete an object without an event; returns the response."""
        call.store.delete(item["id"])
        return {"id": item["id"], "object": self.kind, "deleted": True}

    def list(self, call: Call) -> Json:
        """GET {path}."""
        params = check_params(call.params, {**LIST_PARAMS, **self.filters})
        return list_page(call.store, self.kind, params, self.path, equal=tuple(self.filters))

    def _event(self, what: str) -> str:
        return f"{self.event or self.kind}.{what}"
