"""Who shares something with an instance, and would feel it if the instance were cut off."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from chalicelib.core.plain_text import one_line

_LINE = 400  # characters
_MOST = 20  # names in one sentence
_WHOLE = 100  # percent


@dataclass(frozen=True, slots=True)
class ScalingGroup:
    """The Auto Scaling group that an instance is a member of."""

    name: str
    desired: int
    in_service: int  # members that serve, this one among them if it does
    state: str = "InService"  # of this one, in Auto Scaling's word

    @property
    def share(self) -> float:
        """How many percent of the members that serve it is; 0: it serves nobody."""
        return _WHOLE / self.in_service if self.state == "InService" else 0.0

    @property
    def keeps_it(self) -> bool:
        """Whether it is in standby: no health check can terminate it."""
        return self.state in ("EnteringStandby", "Standby")


@dataclass(frozen=True, slots=True)
class Balancer:
    """A target group, or a classic load balancer, that sends traffic to an instance."""

    name: str
    others: int  # other targets that are healthy, or registered with a classic one


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Everybody around an instance; a text in the place of a fact says why it is missing."""

    role: str = ""  # the ARN of the instance profile
    siblings: tuple[str, ...] | str = ()  # other instances with that role
    addresses: tuple[str, ...] | str = ()  # Elastic IPs
    routes: tuple[str, ...] | str = ()  # table and destination, of what runs through it
    scaling_group: ScalingGroup | str | None = None
    balancers: tuple[Balancer, ...] | str = ()

    def as_json(self) -> dict[str, Any]:
        """Return it; what is not known is null, and `unknown` says why."""
        group, balancers = self.scaling_group, self.balancers
        return {
            "role": self.role or None,
            "siblings": _known(self.siblings),
            "elastic_ips": _known(self.addresses),
            "routes": _known(self.routes),
            "auto_scaling_group": (
                {
                    "name": group.name,
                    "desired": group.desired,
                    "in_service": group.in_service,
                    "state": group.state,
                }
                if isinstance(group, ScalingGroup)
                else None
            ),
            "load_balancers": (
                None
                if isinstance(balancers, str)
                else [{"name": each.name, "healthy_others": each.others} for each in balancers]
            ),
            "unknown": list(self.unknown()),
        }

    def unknown(self) -> Iterator[str]:
        """Yield, for people, why something is not known."""
        for what, fact in (
            ("instances with the same role", self.siblings),
            ("Elastic IPs", self.addresses),
            ("routes through it", self.routes),
            ("its Auto Scaling group", self.scaling_group),
            ("its load balancers", self.balancers),
        ):
            if isinstance(fact, str):
                yield one_line(f"{what}: {fact}", _LINE)

    def cannot_spare_it(self, most: int) -> bool:
        """Whether it is more than `most` percent of its group, or a balancer's last healthy target.

        Its group are the members in service, itself among them. What is not known counts for
        nothing: who may not look must not keep an intruder connected.
        """
        group = self.scaling_group
        if isinstance(group, ScalingGroup) and group.share > most:
            return True
        balancers = self.balancers if isinstance(self.balancers, tuple) else ()
        return any(not each.others for each in balancers)

    def hurts(self) -> Iterator[str]:
        """Yield, for people, whom a containment of the instance would hurt, the worst first."""
        for table in self.routes if isinstance(self.routes, tuple) else ():
            yield one_line(f"Traffic of others runs through it: {table}.", _LINE)
        for each in self.balancers if isinstance(self.balancers, tuple) else ():
            targets = "targets are" if each.others > 1 else "target is"
            left = f"{each.others or 'no'} other healthy {targets} left"
            yield one_line(f"Load balancing of {each.name}: {left}.", _LINE)
        if isinstance(self.scaling_group, ScalingGroup):
            yield one_line(_of_group(self.scaling_group), _LINE)
        for address in self.addresses if isinstance(self.addresses, tuple) else ():
            yield f"Its Elastic IP {address} no longer answers."

    def shares(self) -> Iterator[str]:
        """Yield, for people, who is in danger too, since keys of its role serve all of them."""
        if isinstance(self.siblings, tuple) and self.siblings:
            named = ", ".join(self.siblings[:_MOST])
            more = f" and {len(self.siblings) - _MOST} more" if len(self.siblings) > _MOST else ""
            name = self.role.rpartition("/")[2]
            yield one_line(f"Its role {name} is also that of {named}{more}.", _LINE)


def _known(fact: tuple[str, ...] | str) -> list[str] | None:
    return None if isinstance(fact, str) else list(fact)


def _of_group(group: ScalingGroup) -> str:
    where = f"of the Auto Scaling group {group.name}, which wants {group.desired}"
    if group.keeps_it:
        return f"It is in standby {where}; {group.in_service} serve."
    share = f"one of {group.in_service} members in service" if group.in_service else "a member"
    return f"It is {share} {where}: unless it is put into standby, a health check terminates it."
