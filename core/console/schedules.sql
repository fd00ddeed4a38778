-- Every schedule with its last tick (index jobs_tick).
select s.name, s.kind, cast(extract(epoch from s.every) as integer) as every_seconds, s.next_due_at, s.paused_at,
       tick.id as last_job_id, tick.created_at as last_at, tick.state as last_state
from app.schedules s
left join lateral (
    select id, created_at, state from app.jobs where schedule = s.name order by due_at desc limit 1
) tick on true
order by s.name
