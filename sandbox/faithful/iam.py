"""IAM: whose inline policies may be written, and how much of them there may be.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create-service-linked-role.html
"""

from __future__ import annotations

from typing import Any

from moto.iam.exceptions import IAMException, LimitExceededException
from moto.iam.models import IAMBackend

from sandbox.faithful.mending import mend

_MOST = 10_240  # characters of all inline policies of a role; white space is not counted
_OF_AWS = "/aws-service-role/"


class UnmodifiableEntityError(IAMException):
    """Only the service that a role is linked to may change it."""

    code = "UnmodifiableEntity"


def install() -> None:
    """Mend moto's IAM for this process."""
    original = IAMBackend.put_role_policy

    def put(backend: Any, role_name: str, policy_name: str, policy_json: str) -> None:
        role = backend.get_role(role_name)
        if role.path.startswith(_OF_AWS):
            raise UnmodifiableEntityError(f"{role_name} can only be modified by AWS.")
        others = [text for name, text in role.policies.items() if name != policy_name]
        if sum(len("".join(text.split())) for text in (*others, policy_json)) > _MOST:
            raise LimitExceededException(f"Maximum policy size of {_MOST} bytes exceeded.")
        original(backend, role_name, policy_name, policy_json)

    mend(IAMBackend, "put_role_policy", put)
