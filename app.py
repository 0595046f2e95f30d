"""The door. Each function takes an event apart, calls one flow, and shapes the answer.

The names of the functions are the names of the Lambdas: renaming one replaces the Lambda.
"""

import os

from aws_lambda_powertools import Logger
from chalice import Chalice
from chalice.app import CloudWatchEvent, ConvertToMiddleware, SNSEvent

from chalicelib.core.notice import parse_notice
from chalicelib.flows.contain import contain
from chalicelib.wiring import responder

app = Chalice(app_name="cordon", configure_logs=False)
logger = Logger(service="cordon")
app.register_middleware(ConvertToMiddleware(logger.inject_lambda_context))

# An attack sequence has no instance in its resource, so no more is asked of an event here; the
# policy decides. The range only says that a severity is a number: a list of numbers misses 8.7.
GUARDDUTY_FINDING = {
    "source": ["aws.guardduty"],
    "detail-type": ["GuardDuty Finding"],
    "detail": {"severity": [{"numeric": [">=", 0]}]},
}


@app.on_cw_event(GUARDDUTY_FINDING)
def contain_finding(event: CloudWatchEvent) -> dict[str, object]:
    answer = contain(event.to_dict(), responder()).as_json()
    logger.info("finding answered", answer=answer, finding_id=event.detail.get("id"))
    return answer


@app.on_sns_message(topic=f"cordon-{os.environ.get('STAGE') or 'dev'}-notices")
def notify(event: SNSEvent) -> dict[str, str]:
    notice = parse_notice(event.message)
    logger.info("notice", notice=notice)
    return {"kind": notice["kind"], "outcome": notice["outcome"]}
