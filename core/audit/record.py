"""Write an audit entry in the transaction it describes."""

from collections.abc import Mapping
from uuid import UUID

import orjson
from sqlalchemy.orm import Session

from core.audit.tags import Tag
from core.cause import request_id
from core.reasons import checked_reason
from db.queries import query


def record(
    session: Session,
    tag: Tag,
    subject_id: UUID,
    *,
    actor_id: UUID | None = None,
    data: Mapping[str, object] | None = None,
) -> None:
    """Append one entry; `data` holds facts worth keeping and never a secret. It names the request, if one runs."""
    request = {"request_id": found} if (found := request_id()) else {}
    values = {
        "tag": tag,
        "subject_id": subject_id,
        "actor_id": actor_id,
        "data": orjson.dumps({**(data or {}), **request}).decode(),
    }
    session.execute(query("audit/record"), values)


def record_action(
    session: Session,
    tag: Tag,
    subject_id: UUID,
    *,
    actor_id: UUID | None,
    reason: str,
    data: Mapping[str, object] | None = None,
) -> None:
    """Append the entry of an operator's action. Raises InputInvalid for a reason that is empty or too long."""
    record(session, tag, subject_id, actor_id=actor_id, data={**(data or {}), "reason": checked_reason(reason)})
