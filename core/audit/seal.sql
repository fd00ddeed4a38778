-- Append to the chain.
update app.audit_events a
set seq = s.seq, hash = decode(s.hash, 'hex'), sealed_at = now()
from jsonb_to_recordset(cast(:sealed as jsonb)) as s (id uuid, seq bigint, hash text)
where a.id = s.id and a.seq is null
