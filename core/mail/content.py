"""What an email says, before it is laid out as text and as HTML."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from core.formats import Language
from core.links import token_of
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

    `lines` are amounts with their titles, the last one the total; `details` are facts such as the order's number. `to`
    is the address, if it is not the reader's own. `calendar` is an iCalendar to attach.
    """

    subject: str
    paragraphs: Sequence[str]
    lines: Sequence[tuple[str, str]] = ()
    details: Sequence[tuple[str, str]] = ()
    links: Sequence[Link] = ()
    to: str | None = None
    calendar: bytes | None = None


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where links lead: to the app or to the site, without a slash at the end; `secret` signs the tokens in them."""

    app_url: str
    site_url: str
    secret: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What every template needs: the reader, and where links lead."""

    session: Session
    reader: Profile
    addresses: Addresses

    @property
    def language(self) -> Language:
        """The reader's language."""
        return self.reader.locale

    def say(self, name: str, /, **values: str) -> str:
        """The phrase `name` in the reader's language, with its placeholders filled in."""
        return phrase(self.language, name).format(**values)

    def link(self, name: str, path: str) -> Link:
        """A link into the app, labelled by the phrase `name`."""
        return Link(self.say(name), self.addresses.app_url + path)

    def page(self, name: str, path: str) -> Link:
        """A link to a page of the site in the reader's language, labelled by the phrase `name`."""
        return Link(self.say(name), f"{self.addresses.site_url}{'/en' if self.language == 'en' else ''}{path}")

    def secret_link(self, name: str, page: str, token_id: UUID) -> Link:
        """A link to a page of the site, with the token of a row; labelled by the phrase `name`."""
        token = token_of(self.addresses.secret, token_id)
        return Link(self.say(name), f"{self.addresses.site_url}/{page}?token={token}")
