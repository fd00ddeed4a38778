"""A mail server without a network."""

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock

from core.ports.mail import Email


@dataclass(slots=True)
class FakeMailer:
    """Records what was sent; `answer` may raise, or be slow."""

    emails: list[Email] = field(default_factory=list[Email])
    answer: Callable[[Email], None] = lambda _email: None
    _lock: Lock = field(default_factory=Lock)

    def send(self, email: Email) -> None:
        with self._lock:
            self.emails.append(email)
        self.answer(email)

    @property
    def ids(self) -> list[str]:
        return sorted(email.message_id for email in self.emails)
