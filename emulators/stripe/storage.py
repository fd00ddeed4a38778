"""The emulator's state in one SQLite file; a killed process loses nothing."""

import json
import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from emulators.stripe.json_types import Json

_SCHEMA = """
create table if not exists objects (
    seq integer primary key autoincrement, id text not null unique, kind text not null, body text not null);
create index if not exists objects_by_kind on objects (kind, seq);
create index if not exists objects_by_intent on objects (kind, json_extract(body, '$.payment_intent'));
create index if not exists objects_by_charge on objects (kind, json_extract(body, '$.charge'));
create table if not exists idempotency (
    key text primary key, fingerprint text not null, status integer not null, body text not null,
    created real not null);
create table if not exists deliveries (
    id integer primary key autoincrement, event_id text not null, state text not null, attempts integer not null,
    due real not null, created real not null, last_status integer, last_error text, finished real);
create index if not exists deliveries_due on deliveries (due) where state = 'pending';
create index if not exists deliveries_by_event on deliveries (event_id);
create table if not exists timers (
    id integer primary key autoincrement, due real not null, action text not null, subject text not null);
create index if not exists timers_due on timers (due);
create table if not exists switches (name text primary key, value text not null);
"""


class Store:
    """One connection, used only in the event loop's thread; callers group writes in `transaction()`."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(folder / "stripe.sqlite3", isolation_level=None, check_same_thread=False)
        self._db.row_factory = sqlite3.Row
        # Safe when the process is killed; a power failure may lose the last writes.
        self._db.execute("pragma journal_mode = wal")
        self._db.execute("pragma synchronous = normal")
        self._db.executescript(_SCHEMA)

    def close(self) -> None:
        """Close the file; SQLite checkpoints its log."""
        self._db.close()

    @contextmanager
    def transaction(self) -> Generator[None]:
        """Commit the writes of the block; roll back when it raises."""
        self._db.execute("begin immediate")
        try:
            yield
        except BaseException:
            self._db.execute("rollback")
            raise
        self._db.execute("commit")

    def run(self, sql: str, *values: object) -> int:
        """Execute one statement; returns the number of changed rows."""
        return self._db.execute(sql, values).rowcount

    def rows(self, sql: str, *values: object) -> list[Json]:
        """Every row of a query as a dict."""
        return [dict(row) for row in cast("list[sqlite3.Row]", self._db.execute(sql, values).fetchall())]

    def save(self, item: Json) -> Json:
        """Insert or overwrite an object by its `id`; its kind is its `object` field."""
        self.run(
            "insert into objects (id, kind, body) values (?, ?, ?) on conflict (id) do update set body = excluded.body",
            item["id"],
            item["object"],
            json.dumps(item, separators=(",", ":")),
        )
        return item

    def find(self, kind: str, object_id: str) -> Json | None:
        """The object of that kind and id, if it exists."""
        found = self.rows("select body from objects where id = ? and kind = ?", object_id, kind)
        return json.loads(found[0]["body"]) if found else None

    def delete(self, object_id: str) -> None:
        """Delete an object."""
        self.run("delete from objects where id = ?", object_id)

    def find_by(self, kind: str, field: str, value: str) -> Json | None:
        """The newest object of that kind whose `field` has that value, if there is one."""
        found = self.rows(
            f"select body from objects where kind = ? and json_extract(body, '$.{field}') = ?"  # noqa: S608 - constant names
            " order by seq desc limit 1",
            kind,
            value,
        )
        return json.loads(found[0]["body"]) if found else None

    def switch(self, name: str, default: Any) -> Any:  # noqa: ANN401 - a switch holds any JSON value
        """The value of a switch, or `default` when it is not set."""
        found = self.rows("select value from switches where name = ?", name)
        return json.loads(found[0]["value"]) if found else default

    def set_switch(self, name: str, value: object) -> None:
        """Store the value of a switch; it survives restarts."""
        self.run("insert or replace into switches (name, value) values (?, ?)", name, json.dumps(value))
