-- What waits beside jobs, by partial indexes of the unfinished rows, and the state of the database. A count ends at
-- :most. A relay is known by its listening connection, as in jobs/readiness.
with events as (
    (select 'received' as state, received_at from app.webhook_events
     where state = 'received' order by received_at limit :most)
    union all
    (select 'dead', received_at from app.webhook_events where state = 'dead' order by received_at limit :most)
),
mails as (
    select state, created_at from app.mail_messages where state <> 'sent' order by created_at limit :most
),
unsealed as (select at from app.audit_events where seq is null order by id limit :most)
select 'aula_webhook_events' as name, array[s.state] as labels, count(e.state)::float8 as value
from (values ('received'), ('dead')) s (state) left join events e on e.state = s.state group by s.state
union all
select 'aula_oldest_unprocessed_event_seconds', '{}',
       coalesce(extract(epoch from now() - min(received_at))::float8, 0) from events where state = 'received'
union all
select 'aula_findings_open', array[k.kind], count(f.id)::float8
from unnest(cast(:finding_kinds as text[])) k (kind)
left join app.findings f on f.kind = k.kind and f.closed_at is null group by k.kind
union all
select 'aula_mails', array[s.state], count(m.state)::float8
from (values ('queued'), ('sending'), ('dead')) s (state) left join mails m on m.state = s.state group by s.state
union all
select 'aula_audit_unsealed', '{}', count(*)::float8 from unsealed
union all
select 'aula_audit_unsealed_seconds', '{}', coalesce(extract(epoch from now() - min(at))::float8, 0) from unsealed
union all
select 'aula_schedule_late_seconds', array[name],
       greatest(extract(epoch from now() - next_due_at)::float8, 0) from app.schedules where paused_at is null
union all
select 'aula_relays', '{}', count(distinct pid)::float8
from pg_stat_activity where datname = current_database() and query ilike 'listen aula_%'
union all
select 'aula_database_connections', '{}', count(*)::float8 from pg_stat_activity where backend_type = 'client backend'
union all
select 'aula_database_connections_max', '{}', current_setting('max_connections')::float8
union all
select 'aula_database_bytes', '{}', pg_database_size(current_database())::float8
