"""A webhook of one's own: the notice as JSON, signed.

A receiver computes HMAC-SHA256 with the shared key over the value of X-Cordon-Timestamp, a dot and
the body as it came, and compares it, in constant time, with what follows "v1=" in
X-Cordon-Signature. It refuses a timestamp that is minutes old, and passes over an Idempotency-Key
that it has seen.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Mapping

from chalicelib.core.notices.channels.incident import incident_of
from chalicelib.core.notices.channels.lines import fitted, strings, subject_of, summary, tame
from chalicelib.core.notices.notice import Notice

_ALL = 60_000  # characters of lines
_FACTS = 60_000  # characters of JSON
_SUBJECT = 150  # characters
# JSON says the same with these escaped; a receiver that shows it as HTML is safe, too.
_MARKUP = re.compile(r"[<>&]")


def render(notice: Notice, key: str) -> bytes:
    """Return the body; `key` names this notice, the same in every try."""
    facts = json.dumps(dict(notice.facts), sort_keys=True)
    body = {
        "version": 1,
        "id": key,
        "incident": tame(incident_of(notice)),
        "kind": notice.kind.value,
        "outcome": tame(notice.outcome),
        "severity": tame(notice.severity),
        "account_id": tame(notice.account_id),
        "region": tame(next(strings(notice.facts.get("region")), "")),
        "subject": subject_of(notice, _SUBJECT),
        "summary": summary(notice),
        "sections": [
            {"heading": heading, "lines": lines} for heading, lines in fitted(notice.sections, _ALL)
        ],
        "facts": json.loads(facts) if len(facts) <= _FACTS else None,
    }
    return _MARKUP.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(body)).encode()


def signed(body: bytes, secret: str, key: str, timestamp: int) -> Mapping[str, str]:
    """Return the headers that go with `body`.

    Args:
        body: as it is sent.
        secret: the key that both sides know.
        key: the idempotency key.
        timestamp: seconds since 1970, of this try.
    """
    signature = hmac.new(secret.encode(), b"%d." % timestamp + body, hashlib.sha256).hexdigest()
    return {
        "Idempotency-Key": key,
        "X-Cordon-Timestamp": str(timestamp),
        "X-Cordon-Signature": f"v1={signature}",
    }
