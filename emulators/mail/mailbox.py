"""Letters kept as `.eml` files in one folder, named by their arrival."""

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
class Mail:
    """One letter as a reader sees it; `received` in UTC."""

    id: str
    message_id: str
    sender: str
    to: str
    subject: str
    text: str
    attachments: tuple[str, ...]
    received: datetime

    def as_json(self) -> dict[str, object]:
        """The letter for `/messages.json`."""
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
    """Reads the folder anew each time, so that letters outlive the process and can be deleted by hand."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._counter = itertools.count()
        self._read: dict[str, Mail] = {}

    def keep(self, raw: bytes) -> str:
        """Store one letter and answer its id; a reader never sees half a file."""
        name = f"{time.time_ns():020d}-{next(self._counter):04d}"
        draft = self._folder / f"{name}.part"
        draft.write_bytes(raw)
        draft.rename(self._folder / f"{name}.eml")
        return name

    def letters(self) -> list[Mail]:
        """Every letter, newest first."""
        return [self._parse(path) for path in sorted(self._folder.glob("*.eml"), reverse=True)]

    def letter(self, letter_id: str) -> Mail | None:
        """The letter of that id."""
        return next((self._parse(path) for path in self._folder.glob("*.eml") if path.stem == letter_id), None)

    def _parse(self, path: Path) -> Mail:
        if path.stem not in self._read:
            message = email.message_from_bytes(path.read_bytes(), policy=default)
            self._read[path.stem] = _as_mail(path.stem, message)
        return self._read[path.stem]


def _as_mail(letter_id: str, message: EmailMessage) -> Mail:
    body = message.get_body(("plain",))
    names = [part.get_filename() or part.get_content_type() for part in message.iter_attachments()]
    return Mail(
        id=letter_id,
        message_id=str(message["Message-ID"] or ""),
        sender=str(message["From"] or ""),
        to=str(message["To"] or ""),
        subject=str(message["Subject"] or ""),
        text=body.get_content().replace("\r\n", "\n") if body else "",
        attachments=tuple(names[:_ATTACHMENT_LIMIT]),
        received=datetime.fromtimestamp(int(letter_id.partition("-")[0]) / 1e9, UTC),
    )
