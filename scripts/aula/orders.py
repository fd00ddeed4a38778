"""`aula orders`: orders, and the story of one."""

from typing import Final
from uuid import UUID

import typer

from api.schemas.admin.orders import AdminOrderOut, TimelineEntryOut, TimelineOut
from core.console.filters import OrderFilter
from core.console.orders import order_of, orders
from core.console.timeline import MAX_ENTRIES, timeline
from core.formats import money
from scripts.aula.database import reading
from scripts.aula.lists import Listing, add_list
from scripts.aula.options import Json
from scripts.aula.output import Columns, age, show_json, show_record, show_table, warn

app = typer.Typer(help="Orders of all buyers.")

add_list(
    app,
    Listing(
        OrderFilter,
        orders,
        AdminOrderOut.of,
        {
            "id": lambda row: row.id,
            "buyer": lambda row: row.email,
            "state": lambda row: row.state,
            "total": lambda row: money(row.total_amount, row.currency, "en"),
            "age": lambda row: age(row.created_at),
        },
    ),
    "Orders, the newest first.",
    "aula orders list --email anna@; aula orders list --provider-id pi_3abc",
)

# The details that say what an entry is about.
_NAMES: Final = ("kind", "type", "template")
_STORY: Columns[TimelineEntryOut] = {
    "at": lambda entry: f"{entry.at:%m-%d %H:%M:%S}",
    "source": lambda entry: entry.source,
    "what": lambda entry: " ".join([entry.what, *(entry.details[name] for name in _NAMES if name in entry.details)]),
    "id": lambda entry: f"…{str(entry.subject_id)[-6:]}",
}


@app.command("show", epilog="Example: aula orders show 0199c0de-0000-7000-8000-000000000001")
def show_order(order_id: UUID, *, json: Json = False) -> None:
    """The story of one order in the order of time; with --json each entry has its whole id and its details."""
    with reading() as session:
        order = AdminOrderOut.of(order_of(session, order_id))
        entries = [TimelineEntryOut.model_validate(entry) for entry in timeline(session, order_id)]
    story = TimelineOut(entries=entries, complete=len(entries) < MAX_ENTRIES)
    if json:
        show_json(story)
        return
    show_record(order)
    show_table(entries, _STORY)
    if not story.complete:
        warn(f"There are more entries than these {MAX_ENTRIES}.")
