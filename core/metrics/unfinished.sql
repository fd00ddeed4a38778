-- Jobs by kind and state, by the partial indexes jobs_pending, jobs_dispatched and jobs_dead: finished jobs are not
-- read. A count ends at :most. The ages are those of each lane's first job; a paused kind waits on purpose.
with counted as (
    select k.kind, s.state, n.jobs, n.unavailable
    from app.job_kinds k
    cross join (values ('pending'), ('dispatched'), ('dead')) s (state)
    cross join lateral (
        select count(*) as jobs, count(j.unavailable_since) as unavailable
        from (
            (select unavailable_since from app.jobs
             where s.state = 'pending' and state = 'pending' and kind = k.kind limit :most)
            union all
            (select null from app.jobs
             where s.state = 'dispatched' and state = 'dispatched' and kind = k.kind limit :most)
            union all
            (select null from app.jobs where s.state = 'dead' and state = 'dead' and kind = k.kind limit :most)
        ) j
    ) n
),
oldest as (
    select k.kind, k.queue, k.max_running is null and k.max_per_key is null as unlimited,
           extract(epoch from now() - first.run_at)::float8 as age
    from app.job_kinds k
    cross join (values (0::smallint), (1::smallint), (2::smallint)) p (priority)
    cross join lateral (
        select run_at from app.jobs j
        where j.state = 'pending' and j.kind = k.kind and j.priority = p.priority and j.run_at <= now()
        order by run_at limit 1
    ) first
    where k.paused_at is null
),
overdue as (
    select count(*) as jobs
    from app.job_kinds k
    cross join lateral (
        select from app.jobs where state = 'dispatched' and kind = k.kind and lease_until <= now() limit :most
    ) j
)
select 'aula_jobs' as name, array[kind, state] as labels, jobs::float8 as value from counted
union all
select 'aula_jobs_waiting_for_gateway', array[kind], unavailable::float8 from counted where state = 'pending'
union all
select 'aula_oldest_due_job_seconds', array[k.queue], coalesce(max(o.age), 0)
from app.job_kinds k left join oldest o on o.kind = k.kind group by k.queue
union all
select 'aula_relay_lag_seconds', '{}', coalesce(max(age), 0) from oldest where unlimited
union all
select 'aula_leases_overdue', '{}', jobs::float8 from overdue
union all
select 'aula_kind_paused', array[kind], (paused_at is not null)::int::float8 from app.job_kinds
