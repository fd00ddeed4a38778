-- Dead jobs past their retention, at most :quota, those without an open finding (index jobs_dead).
delete from app.jobs
where id = any (array(
    select dead.id
    from app.job_kinds k
    cross join lateral (
        select j.id from app.jobs j
        where j.state = 'dead' and j.kind = k.kind and j.finished_at < cast(:before as timestamptz)
          and not exists (select from app.findings f where f.subject_id = j.id and f.closed_at is null)
        order by j.finished_at
        limit :quota
        for update skip locked
    ) dead
    limit :quota
))
