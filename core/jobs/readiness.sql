-- For /readyz. Each lane's oldest job is the first entry of jobs_pending, the oldest event the first of
-- webhook_events_unprocessed: no scan of a backlog. A paused kind waits on purpose, and is not counted. A relay is
-- known by its listening connection, which says nothing else for as long as it lives.
select exists (select from pg_stat_activity
               where datname = current_database() and query ilike 'listen aula_%') as relay,
       (select extract(epoch from :now - min(first.run_at))::float8
        from app.job_kinds k
        cross join (values (0::smallint), (1::smallint), (2::smallint)) as p (priority)
        cross join lateral (select run_at from app.jobs j
                            where j.state = 'pending' and j.kind = k.kind and j.priority = p.priority and j.run_at <= :now
                            order by run_at limit 1) first
        where k.paused_at is null) as oldest_due_job,
       (select extract(epoch from :now - received_at)::float8
        from app.webhook_events
        where state = 'received'
          and not exists (select from app.job_kinds where kind = 'webhooks.process' and paused_at is not null)
        order by received_at limit 1) as oldest_unprocessed_event,
       (select count(*) from app.findings where closed_at is null) as open_findings
