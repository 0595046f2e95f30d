"""All figures, by part: what is claimed, and what measures it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bench import (
    api,
    cold_start,
    fuzz,
    given_back,
    guided,
    in_memory,
    interleavings,
    mutants,
    notices,
    on_aws,
    others,
    scale,
    threat_lists,
)
from bench.figures import Measured


@dataclass(frozen=True, slots=True)
class Row:
    """A claim; `measure` raises AssertionError where it is not met."""

    claim: str
    measure: Callable[[], str | Measured]


PARTS: Mapping[str, tuple[Row, ...]] = {
    "trips": (
        Row("AWS round trips that wait for one another, warm", lambda: on_aws.round_trips(1)),
        Row("the same, more interfaces", lambda: on_aws.round_trips(4)),
        Row("against other handlers, same world and count", others.compared),
    ),
    "crashes": (
        Row("crash anywhere in a containment, then redelivery", on_aws.crashes),
        Row("crash anywhere in a release, then asked again", on_aws.release_crashes),
        Row("each call that changes something is refused", on_aws.refusals),
    ),
    "release": (Row("contain and release with every step on", given_back.given_back),),
    "burst": (Row("duplicate deliveries at once", in_memory.burst),),
    "fuzz": (
        Row("mutated findings", in_memory.mutations),
        Row("mutated records of the table", fuzz.stored_records),
        Row("mutated SNS notices, log on", fuzz.published_notices),
        Row("torn sources of threat lists", fuzz.list_sources),
        Row("mutated API requests, log on", fuzz.api_requests),
        Row("whatever a channel answers", fuzz.channel_answers),
        Row("hostile texts in report, console and terminal", fuzz.pages),
        Row("inputs to the parsers that coverage leads to", guided.led_by_coverage),
    ),
    "channels": (
        Row("hostile texts in notices", notices.hostile_texts),
        Row("notices of any size", notices.limits),
    ),
    "lists": (
        Row("a long threat list", threat_lists.a_quarter_of_a_million),
        Row("several long sources", threat_lists.a_million),
        Row("every shape of a feed", threat_lists.every_shape),
        Row("memory for every shape", threat_lists.memory_of_every_shape),
    ),
    "start": (Row("cold start until a containment can begin", cold_start.cold_start),),
    "api": (Row("what Schemathesis makes of the API's description", api.hostile_api),),
    "scale": (Row("10,000 accounts against AWS's quotas", scale.scale),),
    "mutants": (Row("what the tests would notice", mutants.caught),),
    "search": (Row("every state of a few actors", interleavings.interleavings),),
}
