"""Findings."""

from core.clock import utc_now
from core.findings.report import Report, prepare, sent
from core.messages import ReportFindings
from tasks import runtime
from tasks.decorators import external_task
from tasks.external import ExternalCall


def _call(report: Report) -> None:
    runtime.mailer().send(report.email)


report = external_task(
    ReportFindings,
    ExternalCall(
        prepare=lambda session, _message: prepare(session, runtime.config().operator_email, utc_now()),
        call=_call,
        finish=lambda session, report: sent(session, report, utc_now()),
    ),
)
