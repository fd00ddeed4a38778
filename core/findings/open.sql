-- Open findings in the transaction of their cause.
with to_open as (
    select kind, subject_id, order_id, details
    from jsonb_to_recordset(cast(:findings as jsonb)) as f (kind text, subject_id uuid, order_id uuid, details jsonb)
    order by kind, subject_id
),
-- include findings/_opened
select count(*) from opened
