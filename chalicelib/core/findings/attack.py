"""MITRE ATT&CK: which tactic and technique a finding type is a sign of.

GuardDuty's documentation names tactics, not techniques, and only for some types: the rest of the
table is our reading. A type that it does not know has none; nothing is guessed.

Source: https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_finding-format.html
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Technique:
    """A technique of ATT&CK for Enterprise, and the tactic that it serves here."""

    tactic: str
    technique: str = ""

    def __str__(self) -> str:
        return f"{self.tactic}: {self.technique}" if self.technique else self.tactic


_C2 = "Command and Control (TA0011)"
_IMPACT = "Impact (TA0040)"
_CREDENTIALS = "Credential Access (TA0006)"
_DISCOVERY = "Discovery (TA0007)"
_INITIAL = "Initial Access (TA0001)"
_EXFILTRATION = "Exfiltration (TA0010)"
_HIJACKING = "Resource Hijacking (T1496)"

# The first beginning that fits.
_TYPES = (
    ("Backdoor:EC2/C&CActivity", _C2, "Application Layer Protocol (T1071)"),
    ("Backdoor:EC2/DenialOfService", _IMPACT, "Network Denial of Service (T1498)"),
    ("Backdoor:EC2/Spambot", _IMPACT, _HIJACKING),
    ("CryptoCurrency:", _IMPACT, _HIJACKING),
    ("Impact:EC2/BitcoinDomainRequest", _IMPACT, _HIJACKING),
    ("Impact:EC2/PortSweep", _DISCOVERY, "Network Service Discovery (T1046)"),
    ("Recon:EC2/Portscan", _DISCOVERY, "Network Service Discovery (T1046)"),
    ("Trojan:EC2/DGADomainRequest", _C2, "Domain Generation Algorithms (T1568.002)"),
    ("Trojan:EC2/DNSDataExfiltration", _EXFILTRATION, "Over Alternative Protocol (T1048)"),
    ("Trojan:EC2/DriveBySourceTraffic", _INITIAL, "Drive-by Compromise (T1189)"),
    ("Trojan:EC2/PhishingDomainRequest", _INITIAL, "Phishing (T1566)"),
    ("UnauthorizedAccess:EC2/TorRelay", _C2, "Multi-hop Proxy (T1090.003)"),
    ("UnauthorizedAccess:EC2/TorClient", _C2, "Multi-hop Proxy (T1090.003)"),
    ("UnauthorizedAccess:EC2/MetadataDNSRebind", _CREDENTIALS, "Instance Metadata (T1552.005)"),
    (
        "UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration",
        _CREDENTIALS,
        "Instance Metadata (T1552.005)",
    ),
    ("UnauthorizedAccess:EC2/MaliciousIPCaller.Custom", _C2, ""),
    ("UnauthorizedAccess:EC2/SSHBruteForce", _CREDENTIALS, "Brute Force (T1110)"),
    ("UnauthorizedAccess:EC2/RDPBruteForce", _CREDENTIALS, "Brute Force (T1110)"),
    # Purposes that are named after tactics.
    ("CredentialAccess:", _CREDENTIALS, ""),
    ("DefenseEvasion:", "Defense Evasion (TA0005)", ""),
    ("Discovery:", _DISCOVERY, ""),
    ("Execution:", "Execution (TA0002)", ""),
    ("Exfiltration:", _EXFILTRATION, ""),
    ("Impact:", _IMPACT, ""),
    ("InitialAccess:", _INITIAL, ""),
    ("Persistence:", "Persistence (TA0003)", ""),
    ("PrivilegeEscalation:", "Privilege Escalation (TA0004)", ""),
)


def technique_of(finding_type: str | None) -> Technique | None:
    """Return what a finding of `finding_type` is a sign of; None: the type says nothing of it."""
    for start, tactic, technique in _TYPES:
        if finding_type and finding_type.startswith(start):
            return Technique(tactic, technique)
    return None
