-- Counts past their retention, at most :quota. All that is read is as young as that, or goes now.
delete from app.rate_limits
where ctid = any (array(
    select ctid from app.rate_limits
    where window_start < cast(:before as timestamptz)
    limit :quota
    for update skip locked
))
