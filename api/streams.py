"""All event streams of one process: who follows what, and the one connection that watches all of it.

One query for each kind of thing asks, a few times a second, which of all that is followed has changed; only that is
read again. So a stream without changes costs the database next to nothing, and webhooks have their connections alone.
"""

import asyncio
from collections import Counter
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Final, Self

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from api.followed import KINDS, Snapshot, Topic
from core.clock import Clock
from core.following import Known, changed
from core.identity import Identity, no_longer_valid
from core.problems import NotFound, Problem, TooManyRequests

# The name in the state of the lifespan.
STREAMS: Final = "streams"
# Of one person in one process. A page has one or two; a browser opens six connections to one host.
MAX_OF_PERSON: Final = 10
# Of one process; each costs some 50 kB.
MAX_STREAMS: Final = 1000
# Streams that open at a time. After a restart all clients come back at once; other requests do not wait behind them.
OPENINGS: Final = 2
_RETRY_AFTER: Final = 10
# Seconds between two looks. A look that took long is followed by a pause nine times as long.
INTERVAL: Final = 0.25
_PAUSE: Final = 9
# Seconds after a look that failed.
_AFTER_ERROR: Final = 1.0
# Read again in one look; the rest is found by the next one.
_MAX_READS: Final = 50

log = structlog.get_logger("streams")


class TooManyStreams(TooManyRequests):
    """The person has as many open streams as allowed."""

    code = "too_many_streams"
    title = "Too many open streams."

    def __init__(self) -> None:
        super().__init__(f"A person may have {MAX_OF_PERSON} streams open; close one.", retry_after=_RETRY_AFTER)


class StreamsFull(Problem):
    """The process serves as many streams as it may, or it is about to end."""

    code = "streams_full"
    title = "No further stream can be opened now."
    status = 503

    def __init__(self) -> None:
        super().__init__("Try again in a moment, or read the resource itself.", retry_after=_RETRY_AFTER)


@dataclass(slots=True, eq=False)
class Follower:
    """One open stream. `version` is what it was given last; `ended` that it gets nothing more."""

    topic: Topic
    reader: Identity
    version: str
    ended: bool = False
    _news: Snapshot | None = None
    _awake: asyncio.Event = field(default_factory=asyncio.Event)

    def give(self, snapshot: Snapshot) -> None:
        """Hand over a newer state; one that was not fetched yet is replaced."""
        self._news, self.version = snapshot, snapshot.version
        self._awake.set()

    def end(self) -> None:
        """End the stream."""
        self.ended = True
        self._awake.set()

    async def fetch(self, seconds: float) -> Snapshot | None:
        """The newest state that was not fetched yet; None if there is none within `seconds`, or at the end."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._awake.wait(), seconds)
        self._awake.clear()
        news, self._news = self._news, None
        return news


@dataclass(frozen=True, slots=True)
class _Look:
    """What one look found: the new states of followers, and those whose stream ends."""

    news: Mapping[Follower, Snapshot]
    ended: Sequence[Follower]


class Streams:
    """Watches for its followers while its context is open."""

    def __init__(self, sessions: "sessionmaker[Session]", clock: Clock) -> None:
        self._sessions = sessions
        self._clock = clock
        self._followers: set[Follower] = set()
        self._of_person: Counter[object] = Counter()
        self._followed = asyncio.Event()
        self._watch: asyncio.Task[None] | None = None
        self.closed = False

    async def __aenter__(self) -> Self:
        self._watch = asyncio.create_task(self._run())
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()
        if self._watch:
            self._watch.cancel()
            with suppress(asyncio.CancelledError):
                await self._watch

    def close(self) -> None:
        """End every stream, and open no more: the process is told to end."""
        self.closed = True
        for follower in self._followers:
            follower.end()

    @contextmanager
    def follow(self, topic: Topic, reader: Identity, version: str) -> Generator[Follower]:
        """A follower of what has `version` now. Raises TooManyStreams or StreamsFull."""
        if self.closed or len(self._followers) >= MAX_STREAMS:
            raise StreamsFull
        if self._of_person[reader.profile_id] >= MAX_OF_PERSON:
            raise TooManyStreams
        follower = Follower(topic, reader, version)
        self._followers.add(follower)
        self._of_person[reader.profile_id] += 1
        self._followed.set()
        try:
            yield follower
        finally:
            self._followers.discard(follower)
            self._of_person[reader.profile_id] -= 1
            # Without its zeros.
            self._of_person += Counter()
            if not self._followers:
                self._followed.clear()

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await self._followed.wait()
            began = loop.time()
            pause = INTERVAL
            # The versions are read here: a follower that is given a state meanwhile is not asked about twice.
            asked = {follower: Known(follower.topic.id, follower.version) for follower in self._followers}
            try:
                found = await asyncio.to_thread(self._look, asked)
            except SQLAlchemyError as error:
                log.warning("streams not watched", error=type(error).__name__)
                pause = _AFTER_ERROR
            except Exception:
                # One thing that cannot be shown must not end the watching of all others.
                log.exception("streams not watched")
                pause = _AFTER_ERROR
            else:
                for follower, snapshot in found.news.items():
                    follower.give(snapshot)
                for follower in found.ended:
                    follower.end()
            await asyncio.sleep(max(pause, _PAUSE * (loop.time() - began)))

    def _look(self, asked: Mapping[Follower, Known]) -> _Look:
        """One snapshot of the database; runs in a thread of its own."""
        with self._sessions.begin() as session:
            gone = no_longer_valid(session, {follower.reader for follower in asked})
            ended = [follower for follower in asked if follower.reader.session_id in gone]
            news = self._read(session, {one: known for one, known in asked.items() if one not in set(ended)})
            ended.extend(follower for follower, snapshot in news.items() if snapshot is None)
        return _Look({one: snapshot for one, snapshot in news.items() if snapshot}, ended)

    def _read(self, session: Session, asked: Mapping[Follower, Known]) -> Mapping[Follower, Snapshot | None]:
        """The new states of those that have changed; None for what is gone."""
        now = self._clock()
        news: dict[Follower, Snapshot | None] = {}
        shared: dict[tuple[Topic, bool], Snapshot | None] = {}
        for name, kind in KINDS.items():
            own = {follower: known for follower, known in asked.items() if follower.topic.kind == name}
            versions = changed(session, kind.changed, set(own.values()), now)
            for follower, known in own.items():
                # Its owner sees less of a thing than an operator.
                view = (follower.topic, follower.reader.is_operator)
                if known in versions and (view in shared or len(shared) < _MAX_READS):
                    if view not in shared:
                        shared[view] = _snapshot(session, follower, self._clock)
                    news[follower] = shared[view]
        return news


def _snapshot(session: Session, follower: Follower, clock: Clock) -> Snapshot | None:
    try:
        return follower.topic.read(session, follower.reader, clock())
    except NotFound:
        # A finished job was pruned.
        return None
