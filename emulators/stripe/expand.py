"""`expand[]`: replace an id in a response with the object."""

from typing import cast

from emulators.stripe.emulator import Call
from emulators.stripe.errors import ApiError
from emulators.stripe.json_types import Json
from emulators.stripe.line_items import lines_of
from emulators.stripe.pagination import single_page

_KINDS = {
    "balance_transaction": "balance_transaction",
    "charge": "charge",
    "customer": "customer",
    "failure_balance_transaction": "balance_transaction",
    "latest_charge": "charge",
    "payment_intent": "payment_intent",
    "payment_method": "payment_method",
    "product": "product",
}
# What caused a balance transaction, by the prefix of its id.
_SOURCES = {"ch": "charge", "re": "refund", "du": "dispute"}


def expand(call: Call, response: Json) -> Json:
    """The response with every path of the request's `expand` replaced by its object."""
    for path in call.params.get("expand", []):
        _follow(call, response, str(path).split("."), str(path))
    return response


def _follow(call: Call, node: Json, path: list[str], whole_path: str) -> None:
    name, rest = path[0], path[1:]
    if name == "line_items" and node.get("object") == "checkout.session":
        url = f"/v1/checkout/sessions/{node['id']}/line_items"
        node[name] = single_page(lines_of(call, node["id"]), url)
    if name not in node:
        raise ApiError(f"This property cannot be expanded ({whole_path}).", param="expand")
    child = node[name]
    if isinstance(child, str) and (kind := _kind(name, child)):
        child = node[name] = call.store.find(kind, child)
    for member in cast("list[object]", child) if isinstance(child, list) else [child]:
        if rest and isinstance(member, dict):
            _follow(call, cast("Json", member), rest, whole_path)


def _kind(name: str, object_id: str) -> str | None:
    if name == "source":
        return _SOURCES.get(object_id.partition("_")[0])
    return _KINDS.get(name)
