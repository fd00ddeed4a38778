-- One audit entry, in the transaction it describes.
insert into app.audit_events (tag, subject_id, actor_id, data)
values (:tag, :subject_id, :actor_id, cast(:data as jsonb))
