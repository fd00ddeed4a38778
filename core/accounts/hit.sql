-- Count one attempt in a bucket, and return how many it has in this window.
insert into app.rate_limits (bucket, window_start)
values (:bucket, to_timestamp(:window))
on conflict (bucket, window_start) do update set hits = rate_limits.hits + 1
returning hits
