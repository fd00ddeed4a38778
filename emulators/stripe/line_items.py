"""The line items of a session: prices found or created, amounts, and limits of the total."""

from emulators.stripe.currencies import MAX_AMOUNT, minimum_amount
from emulators.stripe.emulator import Call
from emulators.stripe.errors import ApiError, missing, no_such
from emulators.stripe.ids import new_id
from emulators.stripe.json_types import Json
from emulators.stripe.prices import new_price
from emulators.stripe.products import find_product


def make_lines(call: Call, requested: list[Json]) -> list[Json]:
    """The `item` objects of a session; raises `ApiError` when the total is out of bounds."""
    lines = [_line(call, item, f"line_items[{index}]") for index, item in enumerate(requested)]
    if len({line["currency"] for line in lines}) > 1:
        raise ApiError("All prices on a Checkout Session must use the same currency.", param="line_items")
    total = sum(line["amount_total"] for line in lines)
    currency = lines[0]["currency"]
    least = minimum_amount(currency)
    if total < least:
        raise ApiError(
            f"The Checkout Session's total amount due must add up to at least {least / 100:.2f} {currency}",
            code="amount_too_small",
        )
    if total > MAX_AMOUNT:
        raise ApiError(
            f"The Checkout Session's total amount must be no more than {MAX_AMOUNT / 100:.2f} {currency}",
            code="amount_too_large",
        )
    return lines


def _line(call: Call, requested: Json, param: str) -> Json:
    if "price" in requested and "price_data" in requested:
        raise ApiError("You may only specify one of these parameters: price, price_data.", param=f"{param}[price]")
    if "price" in requested:
        price = call.store.find("price", requested["price"])
        if price is None:
            raise no_such("price", requested["price"], status=400, param=f"{param}[price]")
    elif "price_data" in requested:
        price = new_price(call, requested["price_data"], active=False)
    else:
        raise missing(f"{param}[price]")
    if "quantity" not in requested:
        raise missing(f"{param}[quantity]")
    amount = price["unit_amount"] * requested["quantity"]
    product = find_product(call, price["product"])
    return {
        "id": new_id("li"),
        "object": "item",
        "adjustable_quantity": None,
        "amount_discount": 0,
        "amount_subtotal": amount,
        "amount_tax": 0,
        "amount_total": amount,
        "currency": price["currency"],
        "description": product["name"],
        "metadata": {},
        "price": price,
        "quantity": requested["quantity"],
    }


def save_lines(call: Call, session_id: str, lines: list[Json]) -> None:
    """Store them beside the session: Stripe returns them only on request."""
    call.store.save({"id": f"{session_id}_lines", "object": "lines", "data": lines})


def lines_of(call: Call, session_id: str) -> list[Json]:
    """The lines of a saved session."""
    found = call.store.find("lines", f"{session_id}_lines")
    return found["data"] if found else []
