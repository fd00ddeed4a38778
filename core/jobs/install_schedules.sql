-- The schedules of this release; when the next tick is due stays as it was.
insert into app.schedules (name, kind, payload, every)
select name, kind, payload, make_interval(secs => every)
from jsonb_to_recordset(cast(:schedules as jsonb)) as s (name text, kind text, payload jsonb, every integer)
on conflict (name) do update set kind = excluded.kind, payload = excluded.payload, every = excluded.every
where (schedules.kind, schedules.payload, schedules.every) is distinct from (excluded.kind, excluded.payload, excluded.every)
