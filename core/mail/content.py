"""What an email says, before it is laid out as text and as HTML."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from core.formats import Language
from core.mail.phrases import phrase
from db.models import Profile


@dataclass(frozen=True, slots=True)
class Link:
    """A labelled address."""

    label: str
    address: str


@dataclass(frozen=True, slots=True)
class Content:
    """A subject and a body without greeting and signature.

    `lines` are amounts with their titles, the last one the total; `details` are facts such as the order's number.
    """

    subject: str
    paragraphs: Sequence[str]
    lines: Sequence[tuple[str, str]] = ()
    details: Sequence[tuple[str, str]] = ()
    links: Sequence[Link] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """What every template needs: the reader, and `app_url`, where links lead, without a slash at the end."""

    session: Session
    reader: Profile
    app_url: str

    @property
    def language(self) -> Language:
        """The reader's language."""
        return self.reader.locale

    def say(self, name: str, /, **values: str) -> str:
        """The phrase `name` in the reader's language, with its placeholders filled in."""
        return phrase(self.language, name).format(**values)

    def link(self, name: str, path: str) -> Link:
        """A link into the app, labelled by the phrase `name`."""
        return Link(self.say(name), self.app_url + path)
