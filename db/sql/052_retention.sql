-- What pruning looks for, by an index each. Run once, by the revision of the same name.

-- A session that was ended goes some time after its end, whenever it would have expired. Few sessions are ended.
create index sessions_ended on app.sessions (ended_at) where ended_at is not null;
