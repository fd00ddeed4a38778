"""`aula findings`: what a person must look at."""

from uuid import UUID

import typer

from api.schemas.admin.base import Action
from api.schemas.admin.findings import FindingOut
from core.console.filters import FindingFilter
from core.console.findings import finding_of, findings
from core.findings.actions import action_named
from core.wiring.handlers import FINDING_ACTIONS
from scripts.aula.database import acting, reading
from scripts.aula.lists import Listing, add_list
from scripts.aula.options import Json, Operator, Reason, Yes, checked, confirm
from scripts.aula.output import age, show

app = typer.Typer(help="What a person must look at.")

add_list(
    app,
    Listing(
        FindingFilter,
        findings,
        FindingOut.of,
        {
            "id": lambda row: row.id,
            "kind": lambda row: row.kind,
            "state": lambda row: row.resolution or "open",
            "age": lambda row: age(row.opened_at),
        },
    ),
    "Findings, the newest first.",
    "aula findings list --state open --kind second_payment",
)


@app.command("show", epilog="Example: aula findings show 0199c0de-0000-7000-8000-000000000001")
def show_finding(finding_id: UUID, *, json: Json = False) -> None:
    """One finding: what it means, and what can be done."""
    with reading() as session:
        found = FindingOut.of(finding_of(session, finding_id))
    show(found, json=json)


@app.command(epilog="Example: aula findings accept ID --reason 'agreed with the buyer'")
def accept(finding_id: UUID, reason: Reason, operator: Operator = None, *, json: Json = False) -> None:
    """Accept the payment and fulfil the order, and close the finding."""
    _act("accept", finding_id, reason, operator, json=json)


@app.command(epilog="Example: aula findings refund ID --reason 'paid twice' --yes")
def refund(
    finding_id: UUID, reason: Reason, operator: Operator = None, *, yes: Yes = False, json: Json = False
) -> None:
    """Give the money back, and close the finding."""
    confirm("This gives money back to the buyer.", yes=yes)
    _act("refund", finding_id, reason, operator, json=json)


@app.command(epilog="Example: aula findings dismiss ID --reason 'handled in the dashboard'")
def dismiss(finding_id: UUID, reason: Reason, operator: Operator = None, *, json: Json = False) -> None:
    """Close the finding without any effect."""
    _act("dismiss", finding_id, reason, operator, json=json)


def _act(name: str, finding_id: UUID, reason: str, operator: str | None, *, json: bool) -> None:
    act = action_named(FINDING_ACTIONS, name)
    given = checked(Action, {"reason": reason})
    with acting(operator) as by:
        act(by.session, finding_id, actor_id=by.actor_id, reason=given.reason, now=by.now)
        found = FindingOut.of(finding_of(by.session, finding_id))
    show(found, json=json)
