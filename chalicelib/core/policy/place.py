"""Where an instance is: what a rule may ask of the account, and of what EC2 says now.

None of it is taken from the finding but the account and the Region, and no tag counts: whoever has
the instance could set one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from chalicelib.core.instance import Instance, InstanceRef

Facts = Mapping[str, str]  # by the name of a limit, such as "vpcs"
NAMES = ("accounts", "regions", "vpcs", "subnets", "images", "profiles")


@dataclass(frozen=True, slots=True)
class Limit:
    """One thing that a rule asks of the place of an instance."""

    name: str  # one of NAMES
    values: frozenset[str]
    wanted: bool = True  # False: it is to be none of them

    def holds(self, facts: Facts) -> bool | None:
        """Whether it holds; None: nobody knows yet."""
        if self.name not in facts:
            return None
        return (facts[self.name] in self.values) is self.wanted


def all_hold(limits: Iterable[Limit], facts: Facts) -> bool | None:
    """Whether all limits hold; None: none is broken, and of one nobody knows yet."""
    held = {each.holds(facts) for each in limits}
    if False in held:
        return False
    return None if None in held else True


def facts_of(refs: Iterable[InstanceRef]) -> dict[str, str]:
    """Return what is known of instances before EC2 is asked, as far as it is the same for all."""
    accounts = {ref.account_id for ref in refs}
    regions = {ref.region for ref in refs}
    known = (("accounts", accounts), ("regions", regions))
    return {name: found.pop() for name, found in known if len(found) == 1}


def facts_now(ref: InstanceRef, instance: Instance | None) -> dict[str, str]:
    """Return everything that is known of one instance; what EC2 does not say is no fact."""
    described = instance.place if instance is not None else {}
    return {**facts_of([ref]), **{name: said for name, said in described.items() if said}}
