"""Report runs; each succeeds at once, without a file."""

from emulators.stripe.emulator import Call
from emulators.stripe.events import emit
from emulators.stripe.json_types import Json
from emulators.stripe.resources import EXPAND, Resource
from emulators.stripe.schema import check_params, fields, integer, text

REPORT_RUNS = Resource("reporting.report_run", "/v1/reporting/report_runs", "frr")
_TIME = integer(0, 2**40)
_PARAMETERS = fields({"interval_start": _TIME, "interval_end": _TIME, "currency": text(3), "timezone": text()})


def create_report_run(call: Call) -> Json:
    """POST /v1/reporting/report_runs."""
    params = check_params(call.params, {"report_type": text(), "parameters": _PARAMETERS, **EXPAND}, ("report_type",))
    report: Json = {
        "error": None,
        "parameters": params.get("parameters", {}),
        "report_type": params["report_type"],
        "result": None,
        "status": "succeeded",
        "succeeded_at": call.created,
    }
    run = REPORT_RUNS.new(call, report)
    emit(call, "reporting.report_run.succeeded", run)
    return run
