-- Locks those of the caller's schedules (:names) that are due; one that another beat has locked is left to it.
select name
from app.schedules
where name = any (:names) and next_due_at <= now() and paused_at is null
for update skip locked
