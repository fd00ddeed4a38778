-- Grant the gifts whose address has an account, oldest first, at most :most in a run. A gift that is withdrawn at the same
-- moment is locked by that, and is not granted.
with
-- include jobs/_whole_batch,
-- include jobs/_completed,
due as materialized (
    select g.id as gift_id, g.course_id, p.id as profile_id
    from app.gifts g
    join app.profiles p on p.email = g.email
    where g.granted_at is null and g.withdrawn_at is null and p.erased_at is null and exists (select from completed)
    order by g.id
    limit :most
    for update of g
),
marked as (
    update app.gifts set granted_at = now() where id = any (array(select gift_id from due))
),
granted as (
    insert into app.enrollments (profile_id, course_id, gift_id)
    select profile_id, course_id, gift_id from due
    on conflict do nothing
    returning id, profile_id, course_id, gift_id
),
-- At most one for each course and receiver, however often it is given and withdrawn.
gift_email as (
    insert into app.mail_messages (dedupe_key, template, profile_id, params)
    select distinct 'gift:' || course_id || ':' || profile_id, 'gift', profile_id, jsonb_build_object('course_id', course_id)
    from granted
    order by 1
    on conflict (dedupe_key) do nothing
    returning id
),
next_jobs as (
    insert into app.jobs (kind, payload, cause_id)
    select 'mail.send', jsonb_build_object('v', 1, 'mail_id', id), (select id from completed limit 1) from gift_email
),
audited as (
    insert into app.audit_events (tag, subject_id, data)
    select 'enrollments:enrollment:granted', id,
           jsonb_build_object('profile_id', profile_id, 'course_id', course_id, 'gift_id', gift_id)
    from granted
)
select pg_notify('aula_done', :batch)
