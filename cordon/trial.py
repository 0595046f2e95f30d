"""A trial of one channel: a notice that says so goes the real way, and what it opened is ended."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import cast

from chalicelib.core.errors import CordonError
from chalicelib.core.findings.severity import Band
from chalicelib.core.notices.channels.channel import Channel
from chalicelib.core.notices.channels.standing import Standing
from chalicelib.core.notices.delivery import LEASE, Delivery
from chalicelib.core.notices.notice import Kind, Notice
from chalicelib.flows.deliver import deliver
from chalicelib.flows.ports.notifier import Deliveries, Notifier

_SECOND = timedelta(seconds=1)
# What a person can do about a refusal, by what it says; the first that is found.
_CURES = (
    (r"not_in_channel|channel_not_found", "invite the bot: /invite @<its name> in that channel"),
    (r"missing_scope", "give the bot chat:write, and install it again"),
    (r"invalid_auth|token_revoked|account_inactive|not_authed", "store a valid token of the bot"),
    (r"no token|no routing key|no https URL|shorter than", "store what docs/channels.md says"),
    (r"ResourceNotFound|ParameterNotFound", "store the secret under that very name"),
    (r"Note of finding .*NotFound", "nothing: Security Hub did not show the finding yet"),
    (r"Note of finding .*Denied", "allow securityhub:BatchUpdateFindings on the default hub"),
    (r"AccessDenied|NotAuthorized|KMS", "run it with credentials that may read the secret"),
    (r"InvalidAccess|not subscribed", "turn Security Hub on in this account and Region"),
    (r"NotFound.*chat|publish .*NotFound", "make the topic, or correct its name"),
    (r"certificate", "mend the receiver's certificate: it is of another name, or out of date"),
    (r"not public", "name a host on the public internet"),
    (r"answered (401|403|404|410)", "it is no longer valid there: make a new one, and store it"),
    (r"answered 3\d\d", "name the address that it leads to"),
    (r"answered 4\d\d", "what the receiver says is its reason; if it is about a field, report it"),
    (r"answered (429|5\d\d)|no answer", "try again later; the receiver is busy, or out of reach"),
)


@dataclass(frozen=True, slots=True)
class Trial:
    """How the trial of a channel ended."""

    channel: str
    kind: str
    said: str  # "taken, and ended", or who refused it and by which rule
    cure: str = ""  # what to do about it
    is_taken: bool = False


@dataclass
class _Memory:
    """What the trial told, forgotten with it: no record of a real incident is touched.

    It is all that `deliver` asks of the ledger.
    """

    standings: dict[tuple[str, str], Standing] = field(default_factory=dict)

    def standing(self, incident: str, channel: str) -> Standing:
        return self.standings.get((incident, channel), Standing(incident, channel))

    def stand(self, standing: Standing, before: Standing) -> None:
        self.standings[before.incident, before.channel] = standing


def try_channel(channel: Channel, to: Notifier) -> Trial:
    """Send `channel` a trial and its end, whatever it lets through, and say what came back."""
    open_to_all = Channel(channel.name, channel.kind, channel.secret, channel.target)
    at, world = to.now(), replace(to, deliveries=cast("Deliveries", _Memory()))
    told = _told(channel, to.here.account_id, to.here.region, at)
    said = ""
    try:
        for nth, notice in enumerate(told):
            when = at + nth * _SECOND
            claim = Delivery(notice.id, channel.name, when, at + LEASE)
            said = deliver(open_to_all, notice, claim, world)
    except CordonError as error:
        said = str(error)
        return Trial(channel.name, channel.kind.value, said, cure_of(said), is_taken=False)
    _, _, remark = said.partition("; ")
    ended = f"taken, and ended; {remark}" if remark else "taken, and ended"
    cure = cure_of(remark) if remark else ""
    return Trial(channel.name, channel.kind.value, ended, cure, is_taken=True)


def cure_of(said: str) -> str:
    """Return what a person can do about a refusal that says so."""
    return next((cure for pattern, cure in _CURES if re.search(pattern, said)), "see its words")


def _told(channel: Channel, account_id: str, region: str, at: datetime) -> tuple[Notice, Notice]:
    facts = {
        "region": region,
        "incident": f"trial-{channel.name}-{at:%Y%m%dT%H%M%S}",
        "trial": True,
    }

    def a_notice(outcome: str, subject: str, line: str) -> Notice:
        sections = (("What this is", (line, "Nothing happened, nobody has to do anything.")),)
        return Notice(Kind.HOLD, outcome, Band.LOW.value, account_id, subject, sections, facts)

    return (
        a_notice("held", "[TRIAL] Cordon reaches this channel", "A trial that a person asked for."),
        a_notice("dismissed", "[TRIAL] It is over", "The end of the trial before it."),
    )
