"""Stripe's lists: pages by cursor, newest first; `starting_after` and `ending_before` are ids."""

import json

from emulators.stripe.errors import no_such
from emulators.stripe.json_types import Json
from emulators.stripe.schema import Check, integer, list_of, text
from emulators.stripe.storage import Store

LIST_PARAMS: dict[str, Check] = {
    "limit": integer(1, 100),
    "starting_after": text(),
    "ending_before": text(),
    "expand": list_of(text()),
}
_DEFAULT_LIMIT = 10


def single_page(items: list[Json], url: str) -> Json:
    """A complete list as one page."""
    return {"object": "list", "data": items, "has_more": False, "url": url}


def list_page(store: Store, kind: str, params: Json, url: str, where: str = "", *values: object) -> Json:
    """One page of the objects of a kind; `where` is more SQL and starts with `and`."""
    limit = int(params.get("limit", _DEFAULT_LIMIT))
    backwards = "ending_before" in params
    cursor = params.get("ending_before") or params.get("starting_after")
    conditions, bound = f"kind = ? {where}", [kind, *values]
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
