"""ImportRestApi and PutRestApi take what Chalice sends: Swagger 2.0, whose methods IAM guards.

moto takes OpenAPI 3 only, asks for a description, and leaves every method open.
Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-import-api.html
"""

from __future__ import annotations

from functools import cache
from typing import Any

from moto.apigateway.models import APIGatewayBackend

from sandbox.faithful.mending import mend


@cache
def install() -> None:
    """Mend moto for this process; again does nothing."""
    imported, put = APIGatewayBackend.import_rest_api, APIGatewayBackend.put_rest_api

    def import_rest_api(backend: Any, api_doc: dict[str, Any], fail_on_warnings: bool) -> Any:  # noqa: FBT001 - moto's
        return imported(backend, _as_openapi_3(api_doc), fail_on_warnings)

    def put_rest_api(
        backend: Any,
        function_id: str,
        api_doc: dict[str, Any],
        fail_on_warnings: bool,  # noqa: FBT001 - moto's
        mode: str = "merge",
    ) -> Any:
        api = put(backend, function_id, _as_openapi_3(api_doc), fail_on_warnings, mode)
        for resource in api.resources.values():
            said = api_doc["paths"].get(resource.get_path(), {})
            for verb, method in (resource.resource_methods or {}).items():
                method.authorization_type = _authorization(said.get(verb.lower(), {}), api_doc)
        return api

    mend(APIGatewayBackend, "import_rest_api", import_rest_api)
    mend(APIGatewayBackend, "put_rest_api", put_rest_api)


def _as_openapi_3(document: dict[str, Any]) -> dict[str, Any]:
    said = {name: value for name, value in document.items() if name != "swagger"}
    return {"openapi": "3.0.1", **said, "info": {"description": "", **said["info"]}}


def _authorization(method: dict[str, Any], document: dict[str, Any]) -> str:
    """Return how API Gateway guards a method, by the extension that Chalice writes.

    Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-authtype.html
    """
    schemes = document.get("securityDefinitions", {})
    names = [name for each in method.get("security", ()) for name in each]
    if not names:
        return "NONE"
    by_signature = schemes[names[0]].get("x-amazon-apigateway-authtype") == "awsSigv4"
    return "AWS_IAM" if by_signature else "CUSTOM"
