-- Jobs are put back without counting an attempt while an external service is unavailable. Run once, by the revision of
-- the same name.

-- When the service was unavailable to the job for the first time in a row.
alter table app.jobs add column unavailable_since timestamptz;
