"""`aula webhooks`: events of providers."""

from typing import Annotated, Literal
from uuid import UUID

import typer

from api.schemas.admin.base import Action
from api.schemas.admin.events import EventOut, EventWithBodyOut
from core.console.events import event_with_attempts, events
from core.console.filters import EventFilter
from core.webhooks.control import fetch_anew, ignore_event, replay_events
from scripts.aula.database import acting, reading
from scripts.aula.exits import NothingDone
from scripts.aula.lists import Listing, add_list
from scripts.aula.options import Json, Operator, Reason, checked
from scripts.aula.output import age, show

app = typer.Typer(help="Events of providers: what the webhook endpoint received.")

add_list(
    app,
    Listing(
        EventFilter,
        events,
        EventOut.model_validate,
        {
            "id": lambda row: row.id,
            "type": lambda row: row.type,
            "state": lambda row: row.state,
            "age": lambda row: age(row.received_at),
        },
    ),
    "Events, the newest first.",
    "aula webhooks list --state dead --since 1d",
)

Source = Annotated[
    Literal["stored", "provider"],
    typer.Option(help="Decide the stored body again, or fetch the event anew from the provider."),
]


@app.command("show", epilog="Example: aula webhooks show 0199c0de-0000-7000-8000-000000000001")
def show_event(event_id: UUID, *, json: Json = False) -> None:
    """One event, with its body and the errors of its dead jobs."""
    with reading() as session:
        found = EventWithBodyOut.shown(event_with_attempts(session, event_id))
    show(found, json=json)


@app.command(epilog="Example: aula webhooks replay ID --reason 'understood now'. Many: aula replays start webhooks.")
def replay(
    event_id: UUID, reason: Reason, source: Source = "stored", operator: Operator = None, *, json: Json = False
) -> None:
    """Decide the event again; an effect that is there stays as it is."""
    given = checked(Action, {"reason": reason})
    with acting(operator) as by:
        event, _ = event_with_attempts(by.session, event_id)
        if source == "provider":
            fetch_anew(by.session, event_id, actor_id=by.actor_id, reason=given.reason)
        elif not replay_events(by.session, [event_id], actor_id=by.actor_id, reason=given.reason):
            raise NothingDone(f"nothing was changed: the event is {event.state}")
        by.session.refresh(event)
        found = EventOut.model_validate(event)
    show(found, json=json)


@app.command(epilog="Example: aula webhooks ignore ID --reason 'of another shop'")
def ignore(event_id: UUID, reason: Reason, operator: Operator = None, *, json: Json = False) -> None:
    """Ignore an event that is not processed."""
    given = checked(Action, {"reason": reason})
    with acting(operator) as by:
        ignore_event(by.session, event_id, by.now, actor_id=by.actor_id, reason=given.reason)
        found = EventOut.model_validate(event_with_attempts(by.session, event_id)[0])
    show(found, json=json)
