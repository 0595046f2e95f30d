"""What undoes a quarantine, as evidence: how everything that it changes was before."""

from __future__ import annotations

import json

from chalicelib.core.quarantine.record import Quarantine


def what_undoes(quarantine: Quarantine) -> bytes:
    """Return, as JSON, the groups of each interface and what each step found, before a change."""
    said = {
        "interfaces": [
            {
                "interface_id": each.interface_id,
                "vpc_id": each.vpc_id,
                "group_ids": list(each.group_ids),
            }
            for each in quarantine.originals
        ],
        "steps": {
            name.value: dict(step.before) for name, step in quarantine.steps.items() if step.before
        },
    }
    return json.dumps(said, default=str, sort_keys=True).encode()
