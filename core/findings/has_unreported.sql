-- Whether there are findings to report (index findings_unreported).
select exists (select from app.findings where reported_at is null)
