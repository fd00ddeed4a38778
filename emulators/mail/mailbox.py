"""Emails as `.eml` files in one folder, named by their arrival time."""

import email
import itertools
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

_ATTACHMENT_LIMIT = 20


@dataclass(frozen=True, slots=True)
class StoredEmail:
    """One received email; `received` in UTC."""

    id: str
    message_id: str
    sender: str
    to: str
    subject: str
    text: str
    attachments: tuple[str, ...]
    received: datetime

    def as_json(self) -> dict[str, object]:
        """The email for `/messages.json`."""
        return {
            "id": self.id,
            "message_id": self.message_id,
            "from": self.sender,
            "to": self.to,
            "subject": self.subject,
            "text": self.text,
            "attachments": list(self.attachments),
            "received": self.received.isoformat(),
        }


class Mailbox:
    """Reads the folder each time, so emails survive a restart and can be deleted by hand."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._counter = itertools.count()
        self._cache: dict[str, StoredEmail] = {}

    def store(self, raw: bytes) -> str:
        """Store one email and return its id; the rename makes the file appear complete."""
        name = f"{time.time_ns():020d}-{next(self._counter):04d}"
        partial = self._folder / f"{name}.part"
        partial.write_bytes(raw)
        partial.rename(self._folder / f"{name}.eml")
        return name

    def emails(self) -> list[StoredEmail]:
        """Every email, newest first."""
        return [self._parse(path) for path in sorted(self._folder.glob("*.eml"), reverse=True)]

    def find(self, email_id: str) -> StoredEmail | None:
        """The email with that id."""
        return next((self._parse(path) for path in self._folder.glob("*.eml") if path.stem == email_id), None)

    def _parse(self, path: Path) -> StoredEmail:
        if path.stem not in self._cache:
            message = email.message_from_bytes(path.read_bytes(), policy=default)
            self._cache[path.stem] = _from_message(path.stem, message)
        return self._cache[path.stem]


def _from_message(email_id: str, message: EmailMessage) -> StoredEmail:
    body = message.get_body(("plain",))
    names = [part.get_filename() or part.get_content_type() for part in message.iter_attachments()]
    return StoredEmail(
        id=email_id,
        message_id=str(message["Message-ID"] or ""),
        sender=str(message["From"] or ""),
        to=str(message["To"] or ""),
        subject=str(message["Subject"] or ""),
        text=body.get_content().replace("\r\n", "\n") if body else "",
        attachments=tuple(names[:_ATTACHMENT_LIMIT]),
        received=datetime.fromtimestamp(int(email_id.partition("-")[0]) / 1e9, UTC),
    )
