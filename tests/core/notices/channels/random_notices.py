"""Notices of random texts and sizes, and whether every service would take them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

from chalicelib.core.notices import about_findings, about_quarantines
from chalicelib.core.notices.notice import Notice
from chalicelib.core.policy.policy import Response
from chalicelib.core.quarantine.record import Original, Quarantine, State
from chalicelib.core.steps.drift import Drift, DriftKind
from tests.builders import a_finding, a_judgement, a_quarantine, a_ref, a_release
from tests.core.notices.channels.checks import check
from tests.core.notices.channels.rendering import RENDERERS

# A letter of each script that is likely, what changes its direction, and every control character.
_LETTERS = "aZ09 .-:/äßøñ русский ελ עברית عربي हिन्दी ไทย 中文 日本 한국 🔥👩‍💻 <>&*_~`@|[]()#\\'\""
MOST_INTERFACES, MOST_INSTANCES = 150, 50
_ODD = "".join(map(chr, [*range(32), *range(127, 160), 0x202E, 0x2028, 0x2066, 0xFEFF, 0xD800]))


def a_text(chance: random.Random) -> str:
    letters = _LETTERS + (_ODD if chance.random() < 0.3 else "")
    return "".join(chance.choices(letters, k=chance.choice((0, 9, 30, 60, 90, 300))))


def a_record(chance: random.Random, count: int = 0) -> Quarantine:
    count = count or chance.choice((*[1, 2, 3, 4, 6, 8] * 3, MOST_INTERFACES))
    originals = tuple(
        Original(
            f"eni-{n:017x}", "vpc-1", tuple(f"sg-{n:013x}{g}" for g in range(chance.choice((1, 5))))
        )
        for n in range(count)
    )
    return replace(a_quarantine(State.CONTAINED), originals=originals, reason=a_text(chance))


def random_notices(seed: int, count: int) -> Iterator[Notice]:
    """Yield notices as the program makes them, of random texts and sizes."""
    chance = random.Random(seed)
    for _ in range(count):
        quarantine, finding = a_record(chance), a_finding(title=a_text(chance))
        kind = chance.randrange(6)
        if kind == 0:
            yield about_quarantines.of_containment(quarantine, finding, "c2")
        elif kind == 1:
            yield about_quarantines.of_containment(quarantine, None, "by_hand")
        elif kind == 2:
            done = replace(
                quarantine, state=State.RELEASED, release=a_release(reason=a_text(chance))
            )
            drift = tuple(
                Drift(DriftKind.GROUPS_CHANGED, each.interface_id, a_text(chance))
                for each in quarantine.originals[: chance.choice((0, 3, MOST_INTERFACES))]
            )
            yield about_quarantines.of_release(done, drift, a_text(chance))
        elif kind == 3:
            refs = tuple(a_ref(f"i-{n:017x}") for n in range(chance.choice((0, 1, MOST_INSTANCES))))
            judgement = a_judgement(Response.ALERT, instances=refs, why=a_text(chance))
            yield about_findings.of_finding(finding, judgement, "alerted")
        elif kind == 4:
            yield about_quarantines.of_trouble(quarantine, a_text(chance))
        else:
            problems = tuple(a_text(chance) for _ in quarantine.originals)
            yield about_quarantines.of_drift(quarantine, problems, repaired=False)


def largest_notices() -> Iterator[Notice]:
    """Yield notices as large as they come: 150 interfaces, and 50 instances in one."""
    chance = random.Random(0)
    quarantine, finding = a_record(chance, MOST_INTERFACES), a_finding(title=a_text(chance))
    refs = tuple(a_ref(f"i-{n:017x}") for n in range(MOST_INSTANCES))
    several = {"instance_ids": [each.instance_id for each in refs]}
    drift = tuple(
        Drift(DriftKind.GROUPS_CHANGED, each.interface_id, "moved to sg-0a1b2c3d4e5f60718 " * 9)
        for each in quarantine.originals
    )
    done = replace(quarantine, state=State.RELEASED, release=a_release(reason="cleaned " * 99))
    problems = tuple(f"{each.subject}: {each.detail}" for each in drift)
    for notice in (
        about_quarantines.of_containment(quarantine, finding, "c2"),
        about_quarantines.of_release(done, drift, "archive findings of this type"),
        about_quarantines.of_drift(quarantine, problems, repaired=False),
        about_findings.of_finding(finding, a_judgement(Response.ALERT, instances=refs), "alerted"),
    ):
        yield replace(notice, facts={**notice.facts, **several})


def within_every_limit(channel: str, count: int) -> None:
    """Show `count` random notices on a channel.

    Raises:
        AssertionError: one is past a limit of the service.
    """
    seed = list(RENDERERS).index(channel)
    for notice in random_notices(seed, count):
        check(channel, RENDERERS[channel](notice))
