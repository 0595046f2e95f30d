from __future__ import annotations

import pytest

from chalicelib.core.quarantine.person import are_two_persons

ASSUMED = "arn:aws:sts::111122223333:assumed-role"
ADA = "arn:aws:iam::111122223333:user/ada"
BOB = "arn:aws:iam::111122223333:user/bob"
OPS = f"{ASSUMED}/AWSReservedSSO_Ops_0123456789abcdef"
ADMIN = f"{ASSUMED}/AWSReservedSSO_Admin_fedcba9876543210"
FEDERATED = "arn:aws:sts::111122223333:federated-user"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (ADA, BOB),
        (f"{ASSUMED}/responder/x", f"{ASSUMED}/approver/x"),
        (f"{ASSUMED}/responder/x", ADA),
        (f"{OPS}/ada@example.com", f"{OPS}/bob@example.com"),
        (f"{OPS}/ada@example.com", f"{ADMIN}/bob@example.com"),
        (
            "arn:aws:sts::111122223333:assumed-role/responder/x",
            "arn:aws:sts::444455556666:assumed-role/responder/x",
        ),
    ],
)
def test_another_principal_is_another_person(one: str, other: str) -> None:
    assert are_two_persons(one, other)
    assert are_two_persons(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (ADA, ADA),
        (f"{ASSUMED}/responder/ada", f"{ASSUMED}/responder/bob"),
        (f"{ASSUMED}/AWSReservedSSO_mine/ada", f"{ASSUMED}/AWSReservedSSO_mine/bob"),
        (f"{OPS}/ada@example.com", f"{ADMIN}/Ada@example.com"),
        (f"{FEDERATED}/ada", f"{FEDERATED}/bob"),
        (ADA, f"{FEDERATED}/bob"),
        (f"{FEDERATED}/bob", ADA),
    ],
)
def test_who_can_choose_the_name_of_a_session_is_one_person(one: str, other: str) -> None:
    assert not are_two_persons(one, other)
    assert not are_two_persons(other, one)
