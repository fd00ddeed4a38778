-- One tick for each of the caller's schedules (:names) that is due; those of another release are left to it. Row locks
-- and UNIQUE (schedule, due_at) make a second beat harmless; after a pause of any length one tick catches up. An
-- unfinished tick of the schedule stands for the new one. Those that have nothing to do (:idle) become due again without
-- a job.
with due as materialized (
    select name, kind, payload, every, next_due_at
    from app.schedules
    where name = any (:names) and next_due_at <= now() and paused_at is null
    for update skip locked
),
advanced as (
    update app.schedules s
    set next_due_at = due.next_due_at + due.every * (floor(extract(epoch from now() - due.next_due_at) / extract(epoch from due.every)) + 1)
    from due
    where s.name = due.name
)
insert into app.jobs (kind, payload, schedule, due_at, dedupe_key, cause_id)
select kind, payload, name, next_due_at, 'schedule:' || name, null from due where name <> all (:idle)
on conflict do nothing
returning kind
