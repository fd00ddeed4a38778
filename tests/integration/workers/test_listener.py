"""The relay's LISTEN connection: it hears what is committed, and says when a pooler is between."""

from contextlib import closing

import psycopg
import pytest
from structlog.testing import capture_logs

from tests.support.pooler import pooled
from workers.listener import DONE, JOBS, Listener

WARNING = "relay: a pooler is between"


@pytest.mark.parametrize("channel", [JOBS, DONE])
def test_a_notification_is_heard_on_commit(database_url: str, channel: str) -> None:
    with closing(Listener(database_url)) as listener, psycopg.connect(database_url) as connection:
        connection.execute("select pg_notify(%s, 'told')", [channel])
        assert list(listener.receive(0.0)) == []
        connection.commit()
        assert list(listener.receive(20.0)) == [(channel, "told")]


def test_a_direct_connection_says_nothing(database_url: str) -> None:
    with capture_logs() as logs, closing(Listener(database_url)):
        assert logs == []


def test_a_pooler_is_named_at_the_start(database_url: str) -> None:
    with pooled(database_url, "session") as url, capture_logs() as logs, closing(Listener(url)):
        assert [line["event"] for line in logs] == [WARNING]
