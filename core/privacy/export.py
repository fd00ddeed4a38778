"""Give people what is kept about them: an archive of JSON files, made by a job.

`ask` and `built` are two transactions, and the archive is kept until it expires, its owner asks again, or the account
is erased.
"""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from io import BytesIO
from typing import Final
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZipFile

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from core.audit.record import record
from core.audit.tags import Tag
from core.jobs.enqueue import NewJob, enqueue
from core.mail.queue import queue_mail
from core.messages import ExportData
from core.outcomes import Cancel, Done, Outcome
from core.privacy.retention import EXPORT_KEPT
from core.problems import NotFound, TooManyRequests
from db.models import Export, Profile
from db.queries import query

# An archive takes some work to make, and there is little new in it a minute later.
ASK_AGAIN_AFTER: Final = timedelta(hours=1)
README: Final = {
    "sv": "Det här är vad Aula har sparat om dig. Varje fil är JSON i UTF-8; tider är i UTC, belopp i ören.\n",
    "en": "This is what Aula keeps about you. Each file is JSON in UTF-8; times are UTC, amounts minor units.\n",
}


class ExportTooSoon(TooManyRequests):
    """An archive was asked for a short while ago."""

    code = "export_too_soon"
    title = "An archive was asked for a short while ago."


def ask(session: Session, profile_id: UUID, now: datetime) -> Export:
    """Ask for a new archive; it replaces the last one. One that is being made is returned. Raises ExportTooSoon."""
    session.get_one(Profile, profile_id, with_for_update={"key_share": True})
    found = export_of(session, profile_id)
    if found and found.requested_at > now - ASK_AGAIN_AFTER:
        if found.ready_at is None:
            return found
        wait = round((found.requested_at + ASK_AGAIN_AFTER - now).total_seconds())
        raise ExportTooSoon("Use the archive that is there, or ask again later.", retry_after=max(1, wait))
    if found:
        session.delete(found)
        session.flush()
    export = Export(profile_id=profile_id, requested_at=now)
    session.add(export)
    session.flush()
    enqueue(session, NewJob(message=ExportData(export_id=export.id), profile_id=profile_id))
    record(session, Tag.EXPORT_REQUESTED, profile_id, actor_id=profile_id)
    return export


def export_of(session: Session, profile_id: UUID) -> Export | None:
    """The person's archive without its bytes, also while it is being made."""
    return session.scalar(select(Export).where(Export.profile_id == profile_id))


def build(session: Session, export_id: UUID, now: datetime) -> Outcome:
    """Make the archive of a request, and tell its owner."""
    export = session.scalar(select(Export).where(Export.id == export_id).with_for_update())
    if export is None:
        return Cancel("the archive is not wanted any more")
    if export.ready_at is None:
        owner = session.get_one(Profile, export.profile_id)
        data = session.scalars(query("privacy/export"), {"me": owner.id}).one()
        export.archive = _archive(data, README[owner.locale], now)
        export.ready_at, export.expires_at = now, now + EXPORT_KEPT
        queue_mail(session, "export_ready", f"export:{export.id}", owner.id, days=str(EXPORT_KEPT.days))
    return Done({"expires_at": export.expires_at.isoformat() if export.expires_at else None})


def download(session: Session, profile_id: UUID, now: datetime) -> bytes:
    """The archive. Raises NotFound if there is none, or if it is not ready or has expired."""
    there = (Export.profile_id == profile_id) & (Export.expires_at > now)
    export = session.scalar(select(Export).where(there).options(undefer(Export.archive)))
    if export is None or export.archive is None:
        raise NotFound("There is no archive that is ready; ask for one with `POST /me/export`.")
    record(session, Tag.EXPORT_DOWNLOADED, profile_id, actor_id=profile_id)
    return export.archive


def _archive(data: Mapping[str, object], readme: str, now: datetime) -> bytes:
    """A ZIP file with one JSON file for each kind of data."""
    file = BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", readme)
        for name, rows in sorted(data.items()):
            archive.writestr(f"{name}.json", json.dumps(rows or [], ensure_ascii=False, indent=2) + "\n")
        archive.comment = now.isoformat().encode()
    return file.getvalue()
