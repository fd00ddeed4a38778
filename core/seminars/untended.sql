-- Seminars where a hold or an offer has run out, or a seat is left for somebody on the waitlist, in the order of locks.
select seminar_id from (
    select seminar_id from app.seminar_seats where state in ('held', 'offered') and held_until <= cast(:now as timestamptz)
    union
    select s.seminar_id from app.seminar_seats s join app.seminars m on m.id = s.seminar_id
    where s.state = 'waitlisted' and m.seats_taken < m.capacity and m.starts_at > cast(:now as timestamptz)
      and m.state in ('published', 'provisioned', 'open')
) found
order by seminar_id
limit :most
