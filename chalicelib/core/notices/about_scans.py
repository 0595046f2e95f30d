"""What people hear of a malware scan."""

from __future__ import annotations

from chalicelib.core.evidence.scans import Scan
from chalicelib.core.findings.severity import Band
from chalicelib.core.notices.notice import Kind, Notice
from chalicelib.core.notices.sections import LINE, give_back, notice_of, recorded
from chalicelib.core.plain_text import one_line
from chalicelib.core.quarantine.record import Quarantine


def of_scan(quarantine: Quarantine, scan: Scan) -> Notice:
    """Tell what a scan found on the volumes of an instance in quarantine."""
    instance_id = quarantine.ref.instance_id
    name = f"Scan {one_line(scan.id, LINE)}"
    clean = f"{name} found no malware on its volumes. It says nothing of memory."
    infected = f"{name} found malware: GuardDuty has a finding of its own."
    return notice_of(
        Kind.CONTAINMENT,
        "scan_clean" if scan.is_clean else "scan_infected",
        quarantine,
        f"The scan of {instance_id} {'found nothing' if scan.is_clean else 'found MALWARE'}",
        [
            recorded(quarantine),
            ("What was found", (clean if scan.is_clean else infected,)),
            give_back(quarantine),
        ],
        severity=Band.LOW if scan.is_clean else Band.HIGH,
    )
