-- The broker was wiped: every message in flight is lost. Rows that a worker has locked are skipped, and so are external
-- calls: a call under way locks no row, and rescuing its job would repeat it.
with lost as materialized (
    select id from app.jobs
    where state = 'dispatched' and kind <> all (cast(:external as text[]))
    for update skip locked
)
update app.jobs
set state = 'pending', lease_until = null, run_at = clock_timestamp()
where id = any (array(select id from lost))
returning id, kind
