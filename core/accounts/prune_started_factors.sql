-- Second factors that were started and not confirmed, at most :quota (index totp_factors_started).
delete from app.totp_factors
where profile_id in (
    select profile_id from app.totp_factors
    where confirmed_at is null and started_at < cast(:before as timestamptz)
    order by started_at
    limit :quota
    for update skip locked
)
