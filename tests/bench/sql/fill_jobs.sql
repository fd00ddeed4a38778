-- Finished jobs :first to :last of :rows, evenly over the last 13 days.
insert into app.jobs (id, kind, state, payload, attempts, created_at, finished_at)
select cast(lpad(to_hex(cast(extract(epoch from at) * 1000 as bigint)), 12, '0') || '7' || '000' || '8' || lpad(to_hex(n), 15, '0')
            as uuid),
       'orders.fulfil', 'succeeded', jsonb_build_object('v', 1, 'order_id', n), 1, at, at
from generate_series(cast(:first as bigint), cast(:last as bigint)) n
cross join lateral (select now() - (:rows - n) * (interval '13 days' / :rows) as at) made;
