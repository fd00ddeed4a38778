-- What is kept about the profile :me, in one statement and so from one snapshot; nothing that is secret.
with own_order as (select id from app.orders where profile_id = :me),
own_payment as (select id, order_id, provider_payment_id from app.payments where order_id in (table own_order))
select jsonb_build_object(
    'profile', (select to_jsonb(t) - 'password_hash' from app.profiles t where t.id = :me),
    'orders', (select jsonb_agg(to_jsonb(t) || jsonb_build_object('items', (
                          select jsonb_agg(to_jsonb(i) order by i.id) from app.order_items i where i.order_id = t.id
                      )) order by t.id)
               from app.orders t where t.profile_id = :me),
    'payments', (select jsonb_agg(to_jsonb(t) order by t.id) from app.payments t where t.order_id in (table own_order)),
    'refunds', (select jsonb_agg(to_jsonb(t) order by t.id) from app.refunds t
                where t.requested_by = :me or t.payment_id in (select id from own_payment)),
    'disputes', (select jsonb_agg(to_jsonb(t) order by t.id) from app.disputes t
                 where t.payment_id in (select id from own_payment)),
    'subscriptions', (select jsonb_agg(to_jsonb(t) order by t.id) from app.subscriptions t where t.profile_id = :me),
    'payment_events', (select jsonb_agg(jsonb_build_object('type', t.type, 'at', t.occurred_at, 'body', t.body) order by t.id)
                       from app.webhook_events t
                       where coalesce(t.data ->> 'order_id', t.data ->> 'payment_id') = any (array(
                           select id::text from own_order union all select provider_payment_id from own_payment))),
    'enrollments', (select jsonb_agg(to_jsonb(t) order by t.id) from app.enrollments t where t.profile_id = :me),
    'completed_lessons', (select jsonb_agg(to_jsonb(t) order by t.completed_at) from app.lesson_completions t
                          where t.profile_id = :me),
    'gifts', (select jsonb_agg(to_jsonb(t) order by t.id) from app.gifts t
              where t.given_by = :me or t.withdrawn_by = :me
                 or t.email = (select p.email from app.profiles p where p.id = :me)),
    'seats', (select jsonb_agg(to_jsonb(t) order by t.id) from app.seminar_seats t where t.profile_id = :me),
    'invitations', (select jsonb_agg(to_jsonb(t) order by t.id) from app.seminar_guests t
                    where t.email = (select p.email from app.profiles p where p.id = :me)),
    'bans', (select jsonb_agg(to_jsonb(t) order by t.created_at) from app.seminar_bans t
             where t.profile_id = :me or t.banned_by = :me),
    'seminar_roles', (select jsonb_agg(to_jsonb(t) order by t.created_at) from app.seminar_roles t
                      where t.profile_id = :me or t.given_by = :me),
    'attendance', (select jsonb_agg(to_jsonb(t) order by t.id) from app.attendance t where t.profile_id = :me),
    'posts', (select jsonb_agg(to_jsonb(t) order by t.id) from app.posts t where t.author_id = :me),
    'courses', (select jsonb_agg(to_jsonb(t) || jsonb_build_object('lessons', (
                           select jsonb_agg(to_jsonb(l) order by l.position) from app.lessons l where l.course_id = t.id
                       )) order by t.id)
                from app.courses t where t.teacher_id = :me),
    'services', (select jsonb_agg(to_jsonb(t) order by t.id) from app.services t where t.teacher_id = :me),
    'seminars', (select jsonb_agg(to_jsonb(t) order by t.id) from app.seminars t where t.teacher_id = :me),
    'logins', (select jsonb_agg(to_jsonb(t) order by t.id)
               from app.sessions t where t.profile_id = :me),
    'second_factor', (select jsonb_build_object('started_at', t.started_at, 'confirmed_at', t.confirmed_at)
                      from app.totp_factors t where t.profile_id = :me),
    'emails', (select jsonb_agg(to_jsonb(t) - 'params' - 'dedupe_key' order by t.id) from app.mail_messages t
               where t.profile_id = :me),
    'jobs', (select jsonb_agg(to_jsonb(t) - 'payload' order by t.id) from app.jobs t where t.profile_id = :me),
    'log', (select jsonb_agg(jsonb_build_object('at', t.at, 'what', t.tag, 'data', t.data) order by t.id)
            from app.audit_events t where t.subject_id in (select :me union all table own_order))
)
