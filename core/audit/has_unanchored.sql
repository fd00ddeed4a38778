-- Whether an anchor is unfinished, or sealed entries are not covered by the last one (index audit_events_seq).
select exists (select from app.audit_anchors where stored_at is null)
    or exists (select from app.audit_events
               where seq > coalesce((select entries from app.audit_anchors order by number desc limit 1), 0))
