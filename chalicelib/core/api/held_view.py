"""What was held, as the API shows it: every hold, and what would let the instance go."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chalicelib.core.decision.decision import HOLDS_IN_WORDS, Hold
from chalicelib.core.quarantine.held import Held

_APPROVAL = "a person approves it: cordon approve"
_LETS_GO = {
    Hold.OBSERVE_MODE: f"the mode enforce, for the next finding; or {_APPROVAL}",
    Hold.ACCOUNT_NOT_ALLOWED: "the account is put on [accounts] allowed of the policy",
    Hold.EXEMPT: f"the exemption ends, for the next finding; or {_APPROVAL}",
    Hold.APPROVAL_REQUIRED: f"a second, different finding within a day; or {_APPROVAL}",
    Hold.RELEASED_SINCE: f"newer activity; or {_APPROVAL}",
    Hold.STALE: f"newer activity; or {_APPROVAL}",
    Hold.CANNOT_BE_SPARED: f"the watcher, as soon as enough others serve; or {_APPROVAL}",
    Hold.BREAKER_OPEN: f"the watcher, as soon as the window has room; or {_APPROVAL}",
}


def held_shown(held: Held, breakers: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return what is held for one instance, as JSON; `breakers`, by account, if one holds it."""
    holds = [Hold(each) for each in held.reasons if each in tuple(Hold)]
    return {
        "instance_id": held.ref.instance_id,
        "account_id": held.ref.account_id,
        "region": held.ref.region,
        "finding_id": held.finding_id,
        "finding_type": held.finding_type,
        "severity": held.score,
        "held_at": held.at.isoformat(),
        "reasons": list(held.reasons),
        "in_words": [HOLDS_IN_WORDS[each] for each in holds],
        "breaker": (breakers or {}).get(held.ref.account_id),
        "lets_go": list(dict.fromkeys(_LETS_GO.get(each, _APPROVAL) for each in holds)),
    }
