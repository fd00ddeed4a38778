-- The story of one order: what happened to it and to everything that belongs to it, in the order of time.
with recursive
-- include console/_story_rows,
-- include console/_story_entries
select at, source, subject_id, what, details
from entry
where at is not null
order by at, source, subject_id, what
limit :limit
