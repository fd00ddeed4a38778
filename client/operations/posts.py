"""Generated from the OpenAPI document by scripts/client_operations.py; change the API instead."""

from datetime import datetime
from typing import Final
from uuid import UUID

from client.api.base import Model, Operation, Page


class PostOut(Model):
    """A post in the feed."""

    id: UUID
    author_id: UUID
    author_name: str
    course_id: UUID | None
    body: str
    created_at: datetime
    updated_at: datetime


class PostDraft(Model):
    """A new post; with a course, only its members see it."""

    body: str
    course_id: UUID | None = None


LIST: Final[Operation[Page[PostOut]]] = Operation("GET", "/feed", Page[PostOut])
CREATE: Final[Operation[PostOut]] = Operation("POST", "/feed", PostOut, keyed=True)
DELETE: Final[Operation[None]] = Operation("DELETE", "/feed/{post_id}", type(None), keyed=True)
