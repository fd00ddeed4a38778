-- Delete accounts whose address was not proven, registered before :before, at most :quota. One stays while a link to it is
-- valid, an email to it is unsent, or it owns anything, such as a course that was given to the address. Invited ones, which
-- have no password yet, stay: an operator vouches for them.
with old as materialized (
    select p.id from app.profiles p
    where p.email_proven_at is null and p.created_at < cast(:before as timestamptz) and p.erased_at is null and p.password_hash <> ''
      and not exists (select from app.one_time_tokens t where t.profile_id = p.id and t.expires_at > :now)
      and not exists (select from app.mail_messages m where m.profile_id = p.id and m.state in ('queued', 'sending'))
      and not exists (select from app.enrollments e where e.profile_id = p.id)
      and not exists (select from app.lesson_completions c where c.profile_id = p.id)
      and not exists (select from app.orders o where o.profile_id = p.id)
      and not exists (select from app.subscriptions s where s.profile_id = p.id)
      and not exists (select from app.seminar_seats s where s.profile_id = p.id)
      and not exists (select from app.attendance a where a.profile_id = p.id)
      and not exists (select from app.seminar_bans b where b.profile_id = p.id or b.banned_by = p.id)
      and not exists (select from app.seminar_roles r where r.profile_id = p.id or r.given_by = p.id)
      and not exists (select from app.posts w where w.author_id = p.id)
      and not exists (select from app.courses c where c.teacher_id = p.id)
      and not exists (select from app.services s where s.teacher_id = p.id)
      and not exists (select from app.seminars s where s.teacher_id = p.id)
      and not exists (select from app.gifts g where g.given_by = p.id or g.withdrawn_by = p.id)
    order by p.created_at
    limit :quota
    for update of p skip locked
),
emails as (
    delete from app.mail_messages where profile_id in (select id from old)
),
audited as (
    insert into app.audit_events (tag, subject_id) select 'accounts:profile:pruned', id from old
)
delete from app.profiles where id in (select id from old)
