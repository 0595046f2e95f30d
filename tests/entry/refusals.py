"""Every way in which Cordon refuses, and what a caller of the API is answered for it."""

from __future__ import annotations

# By class; whoever adds an error says here what its status is.
STATUS = {
    "CordonError": 409,
    "RejectedError": 400,
    "NotAFindingError": 400,
    "MalformedFindingError": 400,
    "MalformedNoticeError": 400,
    "MalformedRequestError": 400,
    "UnknownCallerError": 403,
    "NotAllowedError": 403,
    "UnknownInstanceError": 404,
    "UnreadableSourceError": 400,
    "UnknownRegionError": 400,
    "PolicyError": 400,
    "SettingsError": 503,
    "ConflictError": 409,
    "StaleViewError": 409,
    "AlreadyReleasedError": 409,
    "ContainmentAtWorkError": 409,
    "NothingToCutError": 409,
    "DriftError": 409,
    "FourEyesError": 403,
    "BusyError": 503,
    "AwsBusyError": 503,
    "AwsSilentError": 503,
    "RecordMovedError": 503,
    "ListMovedError": 503,
    "ReleaseInProgressError": 409,
    "NotContainedError": 503,
    "OpenToEverythingError": 503,
    "NotReleasedError": 503,
    "RefusedError": 409,
    "AwsRefusedError": 409,
    "BreakerOpenError": 409,
    "UnfitStepError": 409,
    "UnknownStepError": 404,
    "UnseenError": 503,
    "UnreadableRecordError": 409,
    "StepFailedError": 409,
}

# Lets one route fail with each error in turn, and prints what was answered; also run in the zip.
PROGRAM = """
import inspect, json, sys
import app
from chalicelib.core import errors
from chalicelib.flows import switch_mode
from chalicelib.settings.deployment import SettingsError

MADE_UP = {"str": "x", "int": 3, "object": "x", "tuple[str, ...]": ("x",)}


class Context:
    function_name, function_version, memory_limit_in_mb = "cordon-dev", "$LATEST", "512"
    aws_request_id = "6d7f0c2e-0d1b-4c33-9d67-0a5f7f6b8c11"
    invoked_function_arn = "arn:aws:lambda:us-east-1:123456789012:function:cordon-dev"

    def get_remaining_time_in_millis(self):
        return 30_000


def made(kind):
    if not inspect.isfunction(kind.__init__):
        return kind("why it cannot be")
    wanted = list(inspect.signature(kind.__init__).parameters.values())[1:]
    asked = [each for each in wanted if each.default is each.empty]
    return kind(*(MADE_UP[inspect.formatannotation(each.annotation)] for each in asked))


def answered(error):
    def fails(_):
        raise error

    switch_mode.present_mode = fails
    request = {
        "requestContext": {
            "httpMethod": "GET",
            "resourcePath": "/mode",
            "identity": {"userArn": "arn:aws:iam::111122223333:user/ada"},
        },
        "pathParameters": None, "multiValueQueryStringParameters": None, "headers": {},
        "body": None, "stageVariables": None, "isBase64Encoded": False,
    }
    return app.app(request, Context())


kinds = [each for each in vars(errors).values() if isinstance(each, type)] + [SettingsError]
found = {kind.__name__: answered(made(kind)) for kind in kinds}
print(json.dumps(found), file=sys.stderr)
"""
