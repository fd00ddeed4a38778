-- Whether a hold or an offer has run out, or a seat is left for somebody on a waitlist.
select exists (select from app.seminar_seats where state in ('held', 'offered') and held_until <= now())
    or exists (select from app.seminar_seats s join app.seminars m on m.id = s.seminar_id
               where s.state = 'waitlisted' and m.seats_taken < m.capacity and m.starts_at > now()
                 and m.state in ('published', 'provisioned', 'open'))
