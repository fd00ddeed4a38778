-- Sessions some time after they expired or were ended, at most :quota of each (indexes sessions_expired, sessions_ended).
delete from app.sessions
where id in (
    (select id from app.sessions where expires_at < cast(:before as timestamptz)
     order by expires_at limit :quota)
    union all
    (select id from app.sessions where ended_at < cast(:before as timestamptz)
     order by ended_at limit :quota)
)
