"""The one link that a message may have: the instance in AWS's console."""

from __future__ import annotations

import re

from chalicelib.core.notices.notice import Notice

# Made of nothing that others chose: both are matched to the last character.
_REGION = re.compile(r"(?:af|ap|ca|cn|eu|il|me|mx|sa|us)(?:-gov)?-[a-z]{4,9}-\d", re.ASCII)
_INSTANCE = re.compile(r"i-[0-9a-f]{8,17}", re.ASCII)
_CONSOLES = (("cn-", "console.amazonaws.cn"), ("us-gov-", "console.amazonaws-us-gov.com"))


def console_of(notice: Notice) -> str:
    """Return where AWS's console shows the instance; empty: the notice is about none, or many.

    Source: https://docs.aws.amazon.com/awsconsolehelpdocs/latest/gsg/select-region.html
    """
    region, instance = notice.facts.get("region"), notice.facts.get("instance_id")
    if not (isinstance(region, str) and _REGION.fullmatch(region)):
        return ""
    if not (isinstance(instance, str) and _INSTANCE.fullmatch(instance)):
        return ""
    host = next((host for start, host in _CONSOLES if region.startswith(start)), "")
    host = host or f"{region}.console.aws.amazon.com"
    return f"https://{host}/ec2/home?region={region}#InstanceDetails:instanceId={instance}"
