"""Stripe's lists: pages by cursor, newest first; `starting_after` and `ending_before` are ids."""

import json

from emulators.stripe.errors import no_such
from emulators.stripe.json_types import Json
from emulators.stripe.schema import Check, fields, integer, list_of, text
from emulators.stripe.storage import Store

_TIMESTAMP = integer(0, 2**40)
_RANGE = fields({"gt": _TIMESTAMP, "gte": _TIMESTAMP, "lt": _TIMESTAMP, "lte": _TIMESTAMP})
_COMPARISONS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}


def _created(value: object, param: str) -> Json:
    if isinstance(value, str):
        timestamp = _TIMESTAMP(value, param)
        return {"gte": timestamp, "lte": timestamp}
    return _RANGE(value, param)


PAGE_PARAMS: dict[str, Check] = {
    "limit": integer(1, 100),
    "starting_after": text(),
    "ending_before": text(),
    "expand": list_of(text()),
}
LIST_PARAMS: dict[str, Check] = {**PAGE_PARAMS, "created": _created}
_DEFAULT_LIMIT = 10


def single_page(items: list[Json], url: str) -> Json:
    """A complete list as one page."""
    return {"object": "list", "data": items, "has_more": False, "url": url}


def list_page(
    store: Store, kind: str, params: Json, url: str, where: str = "", *values: object, equal: tuple[str, ...] = ()
) -> Json:
    """One page of the objects of a kind.

    `where` is more SQL and starts with `and`. `equal` names the parameters that filter the field of the same name.
    """
    limit = int(params.get("limit", _DEFAULT_LIMIT))
    backwards = "ending_before" in params
    cursor = params.get("ending_before") or params.get("starting_after")
    conditions, bound = f"kind = ? {where}", [kind, *values]
    for name in equal:
        if name in params:
            conditions += f" and json_extract(body, '$.{name}') = ?"
            bound.append(params[name])
    for name, timestamp in params.get("created", {}).items():
        conditions += f" and json_extract(body, '$.created') {_COMPARISONS[name]} ?"
        bound.append(timestamp)
    if cursor:
        conditions += f" and seq {'>' if backwards else '<'} ?"
        bound.append(_seq(store, kind, str(cursor), "ending_before" if backwards else "starting_after"))
    order = "asc" if backwards else "desc"
    sql = f"select body from objects where {conditions} order by seq {order} limit ?"  # noqa: S608 - constant text only
    found = [json.loads(row["body"]) for row in store.rows(sql, *bound, limit + 1)]
    shown = found[:limit]
    data = shown[::-1] if backwards else shown
    return {"object": "list", "data": data, "has_more": len(found) > limit, "url": url}


def _seq(store: Store, kind: str, object_id: str, param: str) -> int:
    found = store.rows("select seq from objects where kind = ? and id = ?", kind, object_id)
    if not found:
        raise no_such(kind, object_id, status=400, param=param)
    return int(found[0]["seq"])
