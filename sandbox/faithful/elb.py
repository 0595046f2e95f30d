"""Classic load balancers: what left, left."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from moto.elb.exceptions import LoadBalancerNotFoundError
from moto.elb.models import ELBBackend

from sandbox.faithful.mending import mend


def install() -> None:
    """Mend moto's classic load balancers for this process."""
    _members_may_go()
    _one_is_registered_once()


def _members_may_go() -> None:
    """Moto keeps what an Auto Scaling group put there, even when it is deregistered."""
    original = ELBBackend.deregister_instances

    def deregister(
        backend: Any,
        name: str,
        instance_ids: list[str],
        from_autoscaling: bool = False,  # noqa: FBT001, FBT002 - moto's signature
    ) -> Any:
        if backend.get_load_balancer(name) is None:
            raise LoadBalancerNotFoundError(name)
        balancer = original(backend, name, instance_ids, from_autoscaling)
        if not from_autoscaling:
            kept = [i for i in balancer.instance_autoscaling_ids if i not in instance_ids]
            balancer.instance_autoscaling_ids = kept
        return balancer

    mend(ELBBackend, "deregister_instances", deregister)


def _one_is_registered_once() -> None:
    """Moto names an instance as often as it was registered."""
    original = ELBBackend.register_instances

    def register(
        backend: Any,
        name: str,
        instance_ids: Iterable[str],
        from_autoscaling: bool = False,  # noqa: FBT001, FBT002 - moto's signature
    ) -> Any:
        balancer = backend.get_load_balancer(name)
        if balancer is None:
            raise LoadBalancerNotFoundError(name)
        new = [each for each in instance_ids if each not in balancer.instance_ids]
        return original(backend, name, new, from_autoscaling)

    mend(ELBBackend, "register_instances", register)
