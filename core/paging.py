"""Keyset paging: exact while rows are added and deleted, and equally fast on every page."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import Select, literal, tuple_
from sqlalchemy.orm import InstrumentedAttribute
from typing_extensions import TypeVarTuple

K = TypeVar("K")
T = TypeVar("T")

Columns = TypeVarTuple("Columns")

Newest = tuple[datetime, UUID]


@dataclass(frozen=True, slots=True)
class PageRequest(Generic[K]):
    """At most `limit` rows, starting after the key `after`."""

    limit: int
    after: K | None

    @property
    def fetch(self) -> int:
        """The number of rows to read; the extra one shows whether there is a next page."""
        return self.limit + 1


@dataclass(frozen=True, slots=True)
class Slice(Generic[T, K]):
    """One page of rows; `next` is the key of its last row, or None on the last page."""

    items: Sequence[T]
    next: K | None


def cut(rows: Sequence[T], page: PageRequest[K], key: Callable[[T], K]) -> Slice[T, K]:
    """The page of `rows`, which were read with the limit `page.fetch`."""
    items = rows[: page.limit]
    return Slice(items, key(items[-1]) if len(rows) > page.limit else None)


def newest_first(
    statement: Select[*Columns],
    at: InstrumentedAttribute[Any],
    row_id: InstrumentedAttribute[UUID],
    page: PageRequest[Newest],
) -> Select[*Columns]:
    """`statement` for one page, by descending time and id; needs an index on both."""
    if page.after is not None:
        statement = statement.where(tuple_(at, row_id) < tuple_(*map(literal, page.after)))
    return statement.order_by(at.desc(), row_id.desc()).limit(page.fetch)


def newest_ids(
    statement: Select[*Columns], row_id: InstrumentedAttribute[UUID], page: PageRequest[Newest]
) -> Select[*Columns]:
    """`statement` for one page, by descending id. Ids are ordered by time, so the primary key is index enough."""
    if page.after is not None:
        statement = statement.where(row_id < page.after[1])
    return statement.order_by(row_id.desc()).limit(page.fetch)
