"""Texts of buying: orders, payments, receipts, refunds."""

from typing import Final

PURCHASES: Final[dict[str, tuple[str, str]]] = {
    "buy": ("Köp för {price}", "Buy for {price}"),
    "get_free": ("Hämta gratis", "Get it for free"),
}
