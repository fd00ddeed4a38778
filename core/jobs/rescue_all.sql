-- The broker was wiped: every message in flight is lost, so no lease need run out. A row a worker holds is skipped, and
-- so are the kinds that call the outside: a call under way holds no row, and taking its job back would repeat it.
with lost as materialized (
    select id from app.jobs
    where state = 'dispatched' and kind <> all (cast(:outside as text[]))
    for update skip locked
)
update app.jobs
set state = 'pending', lease_until = null, run_at = clock_timestamp()
where id = any (array(select id from lost))
returning id, kind
