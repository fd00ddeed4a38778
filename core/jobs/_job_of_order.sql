-- The job of each order that the batch's jobs name, as one object: a join would compare each order with every job.
job_of as materialized (
    select jsonb_object_agg(payload ->> 'order_id', id) filter (where payload ->> 'order_id' is not null) as by_order
    from completed
)
