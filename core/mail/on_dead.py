"""What is left of an email whose job is dead."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Uuid, cast, select, update
from sqlalchemy.orm import Session

from db.models import Job, MailMessage


def on_dead(session: Session, job_ids: Sequence[UUID]) -> None:
    """Mark the mails of dead jobs as dead, until an operator replays the jobs."""
    mail_ids = select(cast(Job.payload["mail_id"].astext, Uuid)).where(Job.id.in_(job_ids))
    session.execute(
        update(MailMessage).where(MailMessage.id.in_(mail_ids), MailMessage.state != "sent").values(state="dead")
    )
