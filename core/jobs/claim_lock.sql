-- One relay at a time counts and claims limited kinds; false when another does.
select pg_try_advisory_xact_lock(hashtext('aula.jobs.claim_limited'))
