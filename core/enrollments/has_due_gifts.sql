-- Whether a gift waits whose address has an account (index gifts_waiting).
select exists (
    select
    from app.gifts g
    join app.profiles p on p.email = g.email
    where g.granted_at is null and g.withdrawn_at is null and p.erased_at is null
)
