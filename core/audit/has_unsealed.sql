-- Whether there are entries outside the chain (index audit_events_unsealed).
select exists (select from app.audit_events where seq is null)
