-- Whether a seminar begins within a day or is not over, or a cancelled one is not closed.
select exists (select from app.seminars
               where state in ('published', 'provisioned', 'open') and starts_at <= now() + interval '24 hours')
    or exists (select from app.seminars where state = 'cancelled' and closed_at is null)
