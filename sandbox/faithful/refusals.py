"""How a service of AWS says no: each protocol has its own way."""

from __future__ import annotations

import json

from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.model import ServiceModel
from moto.core.botocore_stubber import MockRawResponse

_ERROR = "<Error><Code>{code}</Code><Message>injected</Message></Error>"
_XML = {
    "ec2": f"<Response><Errors>{_ERROR}</Errors><RequestID>injected</RequestID></Response>",
    "query": f"<ErrorResponse>{_ERROR}<RequestId>injected</RequestId></ErrorResponse>",
    "rest-xml": _ERROR,
}
_JSON = {
    "json": "application/x-amz-json-1.0",
    "rest-json": "application/json",
}


def refusal(service: ServiceModel, url: str, code: str, status: int) -> AWSResponse:
    """Return the answer to a request for `url` that botocore reads as the error `code`.

    Raises:
        KeyError: the service speaks a protocol that is not known here.
    """
    protocol, headers = service.resolved_protocol, HTTPHeaders()
    if protocol in _XML:
        headers["content-type"] = "text/xml"
        text = _XML[protocol].format(code=code)
    else:
        headers["content-type"] = _JSON[protocol]
        headers["x-amzn-errortype"] = code
        text = json.dumps({"__type": code, "message": "injected"})
    return AWSResponse(url, status, headers, MockRawResponse(text))
