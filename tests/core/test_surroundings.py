from __future__ import annotations

from chalicelib.core.surroundings import Balancer, ScalingGroup, Surroundings

CROWDED = Surroundings(
    role="arn:aws:iam::111122223333:instance-profile/web",
    siblings=("i-1", "i-2"),
    addresses=("203.0.113.7",),
    routes=("rtb-1 to 0.0.0.0/0",),
    scaling_group=ScalingGroup("web", 2, 2),
    balancers=(Balancer("front", 0), Balancer("back", 3)),
)


def named(text: str) -> Surroundings:
    """Return surroundings in which somebody else chose every name."""
    group, balancers = ScalingGroup(text, 1, 1), (Balancer(text, 1), Balancer(text, 0))
    return Surroundings(text, (text,), (text,), (text,), group, balancers)


WEB_GROUP = (
    "It is one of 2 members in service of the Auto Scaling group web, which wants 2: "
    "unless it is put into standby, a health check terminates it."
)


def test_whom_a_containment_hurts_is_told_the_worst_first() -> None:
    assert list(CROWDED.hurts()) == [
        "Traffic of others runs through it: rtb-1 to 0.0.0.0/0.",
        "Load balancing of front: no other healthy target is left.",
        "Load balancing of back: 3 other healthy targets are left.",
        WEB_GROUP,
        "Its Elastic IP 203.0.113.7 no longer answers.",
    ]


def test_who_shares_its_role_is_in_danger_and_not_hurt() -> None:
    assert list(CROWDED.shares()) == ["Its role web is also that of i-1, i-2."]
    many = Surroundings("role", tuple(f"i-{n}" for n in range(30)))
    assert next(many.shares()).endswith("i-19 and 10 more.")


def test_a_member_that_does_not_serve_counts_as_none() -> None:
    out = Surroundings(scaling_group=ScalingGroup("web", 2, 0))

    assert next(out.hurts()).startswith("It is a member of the Auto Scaling group web")


def test_one_that_is_in_standby_is_kept() -> None:
    kept = Surroundings(scaling_group=ScalingGroup("web", 2, 2, "Standby"))

    assert next(kept.hurts()) == (
        "It is in standby of the Auto Scaling group web, which wants 2; 2 serve."
    )


def test_what_is_not_known_is_null_and_said_and_counts_as_no_harm() -> None:
    dark = Surroundings("role", *["no answer"] * 5)

    said = dark.as_json()

    assert {said[name] for name in ("siblings", "routes", "load_balancers")} == {None}
    assert len(said["unknown"]) == 5
    assert [*dark.hurts(), *dark.shares()] == []


def test_what_is_known_is_data() -> None:
    said = CROWDED.as_json()

    assert said["auto_scaling_group"] == {
        "name": "web",
        "desired": 2,
        "in_service": 2,
        "state": "InService",
    }
    assert said["load_balancers"][0] == {"name": "front", "healthy_others": 0}
    assert (said["siblings"], said["unknown"]) == (["i-1", "i-2"], [])
    assert Surroundings().as_json()["role"] is None


def test_hostile_names_stay_on_one_line() -> None:
    evil = Surroundings(routes=("a\nb\u202e",), balancers="no\nanswer")

    assert all("\n" not in each and "\u202e" not in each for each in evil.hurts())
    assert list(evil.unknown()) == ["its load balancers: no answer"]
