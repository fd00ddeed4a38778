"""What all models share: the schema, the names of keys, and the few column types.

The SQL file is the truth. Models repeat its columns, keys, defaults and indexes; its checks, triggers, views
and row-level security stand there alone.
"""

from datetime import datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

from sqlalchemy import CHAR, BigInteger, DateTime, MetaData, SmallInteger, Text, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, mapped_column

JsonObject = dict[str, Any]

# Given, or made by the database: a time-ordered UUIDv7.
Id = Annotated[UUID, mapped_column(primary_key=True, server_default=text("app.uuid7()"))]
# Minor units of the currency beside it.
Amount = Annotated[int, mapped_column(BigInteger)]
# ISO 4217, upper case.
Currency = Annotated[str, mapped_column(CHAR(3))]
SmallInt = Annotated[int, mapped_column(SmallInteger)]
# The terms of refunds: days after the payment, and percent of a course's lessons.
RefundDays = Annotated[int, mapped_column(server_default=text("14"))]
RefundMaxProgress = Annotated[int, mapped_column(server_default=text("30"))]
CreatedAt = Annotated[datetime, mapped_column(server_default=func.now())]
UpdatedAt = Annotated[datetime, mapped_column(server_default=func.now(), onupdate=func.now())]


class Base(DeclarativeBase):
    """Every table of Aula, in the schema app."""

    metadata = MetaData(
        schema="app",
        # PostgreSQL's own names, so that a constraint has one name whoever made it.
        naming_convention={
            "pk": "%(table_name)s_pkey",
            "fk": "%(table_name)s_%(column_0_name)s_fkey",
            "uq": "%(table_name)s_%(column_0_N_name)s_key",
        },
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        str: Text(),
        datetime: DateTime(timezone=True),
        # None is SQL's null, never JSON's.
        JsonObject: JSONB(none_as_null=True),
    }
