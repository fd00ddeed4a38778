"""How far a list of the provider was read. A reading goes through one window, page by page and job by job."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core.ports.books import Item, Page, Window
from core.ports.errors import GatewayRejected
from db.models import ProviderCursor, ProviderCursorName


def open_window(
    session: Session, name: ProviderCursorName, begin: datetime, end: datetime, longest: timedelta
) -> Window | None:
    """The window to read now: the unfinished one, or the next, at most `longest` and up to `end`; None if it is empty.

    Without a cursor the first window starts at `begin`.
    """
    session.execute(insert(ProviderCursor).values(name=name, began_at=begin, reached_at=begin).on_conflict_do_nothing())
    cursor = session.scalars(select(ProviderCursor).where(ProviderCursor.name == name).with_for_update()).one()
    if cursor.until is None:
        if end <= cursor.reached_at:
            return None
        cursor.until = min(cursor.reached_at + longest, end)
    return Window(cursor.reached_at, cursor.until, cursor.after)


def read_pages(list_page: Callable[[Window], Page[Item]], window: Window, most: int) -> tuple[list[Item], str | None]:
    """The items of at most `most` pages, and the id to go on after; None at the end. Raises GatewayError."""
    items: list[Item] = []
    for _ in range(most):
        try:
            page = list_page(window)
        except GatewayRejected:
            if window.after is None:
                raise
            # The id to go on after is not kept any more: the window is read from its beginning.
            page = list_page(replace(window, after=None))
        items += page.items
        window = replace(window, after=page.last)
        if page.last is None:
            break
    return items, window.after


def advance(session: Session, name: ProviderCursorName, window: Window, last: str | None) -> None:
    """Go on after `last`, or end the window if it is None. A cursor that another job has moved stays as it is."""
    begun = update(ProviderCursor).where(
        ProviderCursor.name == name,
        ProviderCursor.until == window.until,
        ProviderCursor.after.is_not_distinct_from(window.after),
    )
    ended = {"reached_at": window.until, "until": None, "after": None}
    session.execute(begun.values(**({"after": last} if last else ended), updated_at=func.now()))
