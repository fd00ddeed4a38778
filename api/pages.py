"""Cursor pages: `?limit=1..100&cursor=…`, answered as `{"items": […], "next_cursor": …}`."""

import base64
import binascii
from collections.abc import Callable
from typing import Annotated, Generic, TypeVar

from fastapi import Depends, Query
from pydantic import BaseModel, Field, TypeAdapter, ValidationError
from pydantic_core import to_json

from core.paging import Newest, PageRequest, Slice
from core.problems import InputInvalid

V = TypeVar("V")
T = TypeVar("T")
K = TypeVar("K")

PageSize = Annotated[int, Query(ge=1, le=100, description="The number of items on a page.")]
Cursor = Annotated[
    str | None,
    Query(max_length=200, description="The `next_cursor` of the previous page; leave it out for the first page."),
]

_NEWEST: TypeAdapter[Newest] = TypeAdapter(Newest)
_POSITION: TypeAdapter[int] = TypeAdapter(Annotated[int, Field(strict=True, ge=0, le=2**31 - 1)])


class Page(BaseModel, Generic[V]):
    """One page of a list; `next_cursor` is null on the last one."""

    items: list[V]
    next_cursor: str | None


def page_of(rows: Slice[T, K], schema_of: Callable[[T], V]) -> Page[V]:
    """The page as a client sees it; `schema_of` converts a row."""
    cursor = None if rows.next is None else _encode(rows.next)
    return Page(items=[schema_of(row) for row in rows.items], next_cursor=cursor)


def _encode(key: object) -> str:
    return base64.urlsafe_b64encode(to_json(key)).decode().rstrip("=")


def _decode(adapter: TypeAdapter[K], cursor: str | None) -> K | None:
    if cursor is None:
        return None
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        return adapter.validate_json(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, UnicodeEncodeError, ValueError, ValidationError):
        raise InputInvalid(
            "The cursor is not from this list; leave it out to start at the first page.", field="cursor"
        ) from None


def newest_page(limit: PageSize = 20, cursor: Cursor = None) -> PageRequest[Newest]:
    """A page of a list by time. Raises InputInvalid for a cursor of another list."""
    after = _decode(_NEWEST, cursor)
    if after is not None and after[0].tzinfo is None:
        raise InputInvalid("The cursor is not from this list; leave it out to start at the first page.", field="cursor")
    return PageRequest(limit, after)


def _position(limit: PageSize = 20, cursor: Cursor = None) -> PageRequest[int]:
    return PageRequest(limit, _decode(_POSITION, cursor))


NewestPage = Annotated[PageRequest[Newest], Depends(newest_page)]
PositionPage = Annotated[PageRequest[int], Depends(_position)]
