"""The digest of the day: how Cordon itself stands."""

from __future__ import annotations

from collections.abc import Iterator

from chalicelib.core.api.cursor import Page
from chalicelib.core.api.request import Selection
from chalicelib.core.notices import audience
from chalicelib.core.notices.posture import Posture, of_posture
from chalicelib.core.quarantine.rounds import Rounds
from chalicelib.core.quarantine.times import Summary, summed
from chalicelib.core.standing import Standing
from chalicelib.flows.deployed import present_version
from chalicelib.flows.exemptions import list_exemptions
from chalicelib.flows.ports.responder import Responder
from chalicelib.flows.standing import or_why
from chalicelib.flows.switch_mode import present_mode

_LAST = 50  # quarantines, for the time to contain


def digest(page: Page, rounds: Rounds, standing: Standing, to: Responder) -> None:
    """Send the digest of the day, once it is time; a crash repeats it, loses none."""
    now = to.now()
    if now.hour < to.policy.digest_hour or to.control.told_on() == now.date():
        return
    mode, setting = present_mode(to)
    posture = Posture(
        at=now,
        mode=mode,
        setting=setting,
        quarantines=tuple(sorted(page.quarantines, key=lambda each: each.opened_at)),
        unreadable=page.unreadable,
        failing=rounds.failing,
        groups=rounds.told,
        held=or_why(to.held.all),
        lists=or_why(to.control.lists),
        exempt=or_why(lambda: list_exemptions(to)),
        impostors=or_why(to.sites(to.own_account, to.own_region).security_groups.impostors),
        detector=standing.detector,
        dead_letters=standing.dead_letters,
        unheard=or_why(lambda: tuple(_unheard(to))),
        channels=or_why(to.channels),
        deployed=or_why(lambda: present_version(to)),
        times=or_why(lambda: times_of_the_last(to)),
        exercised_at=to.control.exercised_at(),
    )
    to.notices.publish(of_posture(posture, to.own_account, to.own_region))
    to.control.tell_on(now.date())


def times_of_the_last(to: Responder) -> dict[str, Summary]:
    """Return how long the last quarantines took to contain, part by part."""
    page = to.quarantines.page(Selection(), None, _LAST)
    return summed(each.times.parts(each.opened_at) for each in page.quarantines)


def _unheard(to: Responder) -> Iterator[str]:
    """Yield who is not told. Notices that no mail takes go to channels; alarms go nowhere else."""
    yield from audience.find_unconfirmed(audience.NOTICES, to.audience.of_notices())
    subscribed = to.audience.of_alarms()
    yield from audience.find_unconfirmed(audience.ALARMS, subscribed)
    if not audience.is_heard(subscribed):
        yield f"nobody subscribed to the alarms, so nobody is told {audience.ALARMS}"
