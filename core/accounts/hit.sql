-- Count one attempt in each bucket, and return the largest count.
with hit as (
    insert into app.rate_limits (bucket, window_start)
    select bucket, to_timestamp(:window) from unnest(cast(:buckets as text[])) with ordinality as b (bucket, place)
    order by place
    on conflict (bucket, window_start) do update set hits = rate_limits.hits + 1
    returning hits
)
select max(hits) from hit
