-- Purchases :first to :last of :rows, evenly over a year; a buyer has five, and each is paid, fulfilled and mailed. The
-- audit log has :sealed entries before.
create or replace function pg_temp.made(rows bigint, n bigint, part integer) returns uuid language sql as $$
select cast(lpad(to_hex(cast(extract(epoch from now()) * 1000 - (rows - n) * (365 * 86400000.0 / rows) as bigint)), 12, '0')
            || '7' || part || '00' || '8' || lpad(to_hex(n), 15, '0') as uuid)
$$;

create temporary table if not exists filled on commit delete rows as
select n, n as buyer, n as course, gen_random_uuid() as order_id, gen_random_uuid() as item_id
from generate_series(1::bigint, 0) n;

insert into filled (n, buyer, course, order_id, item_id)
select n, n - n % 5, n % 5, pg_temp.made(:rows, n, 2), pg_temp.made(:rows, n, 3)
from generate_series(cast(:first as bigint), cast(:last as bigint)) n;

insert into app.profiles (id, email, password_hash, display_name)
select pg_temp.made(:rows, buyer, 1), buyer || '@buyer.example', '!', 'Buyer' from filled where n = buyer;

insert into app.orders (id, profile_id, state, total_amount, currency, expires_at, paid_at, fulfilled_at)
select order_id, pg_temp.made(:rows, buyer, 1), 'fulfilled', 49900, 'SEK', now(), now(), now() - interval '1 day' from filled;

insert into app.order_items (id, order_id, course_id, title, unit_amount)
select item_id, order_id, (select id from app.courses order by id offset filled.course limit 1), 'Course', 49900 from filled;

insert into app.payments (id, order_id, provider_payment_id, state, amount, currency, livemode)
select item_id, order_id, 'pi_' || n, 'succeeded', 49900, 'SEK', false from filled;

insert into app.enrollments (id, profile_id, course_id, order_item_id, purchase_number)
select item_id, pg_temp.made(:rows, buyer, 1), (select id from app.courses order by id offset filled.course limit 1), item_id, 1
from filled;

insert into app.mail_messages (id, dedupe_key, template, profile_id, state, sent_at)
select item_id, 'receipt:' || order_id, 'receipt', pg_temp.made(:rows, buyer, 1), 'sent', now() from filled;

insert into app.webhook_events (id, provider, event_id, type, occurred_at, body, data, state, processed_at)
select item_id, 'stripe', 'evt_' || n, 'checkout.session.completed', now(), repeat('x', 800),
       jsonb_build_object('order_id', order_id, 'kind', 'checkout_paid'), 'processed', now()
from filled;

insert into app.audit_events (id, tag, subject_id, seq, hash, sealed_at)
select pg_temp.made(:rows, n, 4 + place), case place when 0 then 'stripe:order:paid' else 'orders:order:fulfilled' end, order_id,
       :sealed + n * 2 - 1 + place, decode(md5(cast(n as text)) || md5(cast(n as text)), 'hex'), now()
from filled, generate_series(0, 1) place;
