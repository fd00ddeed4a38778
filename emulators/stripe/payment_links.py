"""Payment links: each visit opens a new Checkout Session."""

from emulators.stripe.emulator import Call
from emulators.stripe.errors import ApiError
from emulators.stripe.ids import new_id
from emulators.stripe.json_types import Json
from emulators.stripe.line_items import make_lines
from emulators.stripe.resources import EXPAND, Resource
from emulators.stripe.schema import boolean, check_params, fields, integer, list_of, metadata, optional, text
from emulators.stripe.sessions import create_session

_EDITABLE = {"active": boolean, "allow_promotion_codes": boolean, "inactive_message": optional(text(500))}
PAYMENT_LINKS = Resource("payment_link", "/v1/payment_links", "plink", updates=_EDITABLE, filters={"active": boolean})
_ITEM = fields({"price": text(), "quantity": integer(1, 999_999)}, ("price", "quantity"))
_CREATE = {**_EDITABLE, "line_items": list_of(_ITEM, 20), "metadata": metadata, **EXPAND}


def create_payment_link(call: Call) -> Json:
    """POST /v1/payment_links for prices and quantities."""
    params = check_params(call.params, _CREATE, ("line_items",))
    lines = make_lines(call, params.pop("line_items"))
    params.pop("expand", None)
    link_id = new_id("plink")
    items = [{"price": line["price"]["id"], "quantity": str(line["quantity"])} for line in lines]
    call.store.save({"id": f"{link_id}_items", "object": "payment_link_items", "data": items})
    return PAYMENT_LINKS.create(
        call,
        {
            "id": link_id,
            "active": True,
            "after_completion": {"hosted_confirmation": {"custom_message": None}, "type": "hosted_confirmation"},
            "allow_promotion_codes": False,
            "currency": lines[0]["currency"],
            "inactive_message": None,
            "url": f"{call.emulator.config.public_url}/buy/{link_id}",
            **params,
        },
    )


def open_link(call: Call) -> Json:
    """The new session of one visit; raises `ApiError` when the link does not exist or is inactive."""
    link = PAYMENT_LINKS.find(call, call.path["id"])
    if not link["active"]:
        raise ApiError(link["inactive_message"] or "This payment link is no longer active.", status=410)
    items = call.store.find("payment_link_items", f"{link['id']}_items") or {}
    params: Json = {
        "line_items": items["data"],
        "metadata": link["metadata"],
        "mode": "payment",
        "success_url": f"{call.emulator.config.public_url}/pay/{{CHECKOUT_SESSION_ID}}",
    }
    session = create_session(Call(call.emulator, params))
    return call.store.save({**session, "payment_link": link["id"]})
