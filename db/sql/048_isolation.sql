-- Isolated jobs run in small batches, apart from the others of their kind, and deaths are counted apart from errors.
-- Run once, by the revision of the same name.

-- Most jobs in the batch of an isolated job. The default is what an older release means by isolated: alone.
alter table app.jobs add column batch_limit smallint not null default 1 check (batch_limit > 0);
-- How often in a row it was started alone, and its process died or its lease ran out.
alter table app.jobs add column deaths smallint not null default 0 check (deaths >= 0);
-- The relay's: isolated jobs of a kind, without reading past the others.
create index jobs_isolated on app.jobs (kind, priority, run_at, id) where state = 'pending' and isolated;
