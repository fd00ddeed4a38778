"""Anchor the audit log: sign where its chain ends, and put that where the owner of the database cannot change it."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core.audit.anchors import Anchor, sign
from core.audit.verify import Place, end_of, verify_since
from core.jobs.enqueue import NewJob, enqueue
from core.messages import AnchorAudit
from core.ports.mail import MESSAGE_ID_DOMAIN, Email
from db.models import AuditAnchor

# Entries that one anchor covers beyond the last one: they are verified before it is signed, in one transaction. The
# next anchor follows at once.
MOST: Final = 200_000
# The operator gets one in this time, and the folder gets all.
MAIL_EVERY: Final = timedelta(days=1)

_NEWEST: Final = select(AuditAnchor).order_by(AuditAnchor.number.desc()).limit(1)

log = structlog.get_logger("audit")


@dataclass(frozen=True, slots=True)
class AnchorPlaces:
    """The private key that signs, and where anchors go: a folder or not, and the operator's address or none."""

    key: str
    trusted: Collection[str]
    has_folder: bool
    operator_email: str | None


@dataclass(frozen=True, slots=True)
class AnchorPlan:
    """An anchor to store, the email about it, if one is due, and whether there is more to cover."""

    anchor: Anchor
    email: Email | None
    more: bool = False


def prepare(session: Session, places: AnchorPlaces | None, now: datetime) -> AnchorPlan | None:
    """The unfinished anchor, or the next one: signed only if all since the last one holds. None if there is none."""
    if places is None:
        return None
    newest = session.scalar(_NEWEST)
    if newest is not None and newest.stored_at is None:
        return _plan(newest, places)
    mail_due = places.operator_email is not None and _is_mail_due(session, now)
    last = anchor_of(newest) if newest else None
    end = _verified_end(session, last, places) if places.has_folder or mail_due else None
    if end is None:
        return None
    more = end.entries - (last.entries if last else 0) == MOST
    anchor = sign(places.key, last.number + 1 if last else 1, end.entries, end.hash, now)
    row = _stored(session, anchor, mailed=mail_due and not more)
    return replace(_plan(row, places), more=more)


def finish(session: Session, plan: AnchorPlan, now: datetime) -> None:
    """The anchor is stored; if there is more to cover, the next one follows."""
    stored = update(AuditAnchor).where(AuditAnchor.number == plan.anchor.number, AuditAnchor.stored_at.is_(None))
    session.execute(stored.values(stored_at=now))
    if plan.more:
        enqueue(session, NewJob(message=AnchorAudit(), dedupe_key=f"anchor:{plan.anchor.number + 1}"))


def newest_anchor(session: Session) -> Anchor | None:
    """The newest one in the database. Its signature proves it; that none was deleted, only the places outside do."""
    newest = session.scalar(_NEWEST)
    return anchor_of(newest) if newest else None


def anchor_of(row: AuditAnchor) -> Anchor:
    """The row as it was signed."""
    return Anchor(row.number, row.entries, row.hash, row.made_at, row.key, row.signature)


def _stored(session: Session, anchor: Anchor, *, mailed: bool) -> AuditAnchor:
    """The row of the anchor, or of the one with its number that another job has made meanwhile."""
    row = insert(AuditAnchor).values(
        number=anchor.number,
        entries=anchor.entries,
        hash=anchor.hash,
        made_at=anchor.at,
        key=anchor.key,
        signature=anchor.signature,
        mailed=mailed,
    )
    session.execute(row.on_conflict_do_nothing())
    return session.get_one(AuditAnchor, anchor.number)


def _verified_end(session: Session, last: Anchor | None, places: AnchorPlaces) -> Place | None:
    """Where the entries after the last anchor end, at most MOST; None if there are none, or if they do not hold."""
    found = verify_since(session, last, places.trusted, MOST)
    if found.fault:
        # `maintenance.check` opens the finding.
        log.error("audit log broken: not anchored", fault=found.fault)
        return None
    return end_of(session, found.entries) if found.entries > (last.entries if last else 0) else None


def _is_mail_due(session: Session, now: datetime) -> bool:
    last = select(AuditAnchor.made_at).where(AuditAnchor.mailed).order_by(AuditAnchor.number.desc()).limit(1)
    mailed_at = session.scalar(last)
    return mailed_at is None or mailed_at <= now - MAIL_EVERY


def _plan(row: AuditAnchor, places: AnchorPlaces) -> AnchorPlan:
    anchor = anchor_of(row)
    to = places.operator_email
    return AnchorPlan(anchor, _email(anchor, to) if row.mailed and to else None)


def _email(anchor: Anchor, to: str) -> Email:
    return Email(
        message_id=f"<anchor-{anchor.number}-{anchor.hash.hex()[:16]}@{MESSAGE_ID_DOMAIN}>",
        to=to,
        subject=f"Aula: anchor {anchor.number} of the audit log",
        text=(
            f"The audit log had {anchor.entries} sealed entries at {anchor.at.isoformat(timespec='seconds')}.\n"
            "Keep this email. Should the log ever be in doubt, save its last line to a file, and run\n"
            "aula audit verify --anchors FILE\n\n"
            f"{anchor.line}"
        ),
    )
