"""GuardDuty's finding types that bear on instances, at their documented default severity.

Source: https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_finding-types-active.html
"""

from __future__ import annotations

# With a resource of type Instance. A severity that depends on the circumstances stands at its
# default; a role is named only where the documentation makes it decisive.
DOERS = [
    ("Backdoor:EC2/C&CActivity.B", 8),
    ("Backdoor:EC2/C&CActivity.B!DNS", 8),
    ("Backdoor:EC2/DenialOfService.Dns", 8),
    ("Backdoor:EC2/DenialOfService.Tcp", 8),
    ("Backdoor:EC2/DenialOfService.Udp", 8),
    ("Backdoor:EC2/DenialOfService.UdpOnTcpPorts", 8),
    ("Backdoor:EC2/DenialOfService.UnusualProtocol", 8),
    ("CryptoCurrency:EC2/BitcoinTool.B", 8),
    ("CryptoCurrency:EC2/BitcoinTool.B!DNS", 8),
    ("Impact:EC2/BitcoinDomainRequest.Reputation", 8),
    ("Impact:EC2/MaliciousDomainRequest.Reputation", 8),
    ("Impact:EC2/PortSweep", 8),
    ("Trojan:EC2/DGADomainRequest.B", 8),
    ("Trojan:EC2/DGADomainRequest.C!DNS", 8),
    ("Trojan:EC2/DNSDataExfiltration", 8),
    ("Trojan:EC2/DriveBySourceTraffic!DNS", 8),
    ("Trojan:EC2/PhishingDomainRequest!DNS", 8),
    ("UnauthorizedAccess:EC2/TorRelay", 8),
    ("Execution:EC2/MaliciousFile", 8),
]
SUSPECTS = [
    ("UnauthorizedAccess:EC2/TorClient", 8),
    ("UnauthorizedAccess:EC2/MetadataDNSRebind", 8),
    ("Backdoor:EC2/Spambot", 5),
    ("Recon:EC2/Portscan", 5),
    ("Trojan:EC2/BlackholeTraffic", 5),
    ("Trojan:EC2/BlackholeTraffic!DNS", 5),
    ("Trojan:EC2/DropPoint", 5),
    ("Trojan:EC2/DropPoint!DNS", 5),
]
BRUTE_FORCE = [
    "UnauthorizedAccess:EC2/SSHBruteForce",
    "UnauthorizedAccess:EC2/RDPBruteForce",
    "Impact:EC2/WinRMBruteForce",
]
PROBED = ["Recon:EC2/PortProbeUnprotectedPort", "Recon:EC2/PortProbeEMRUnprotectedPort"]
UNUSUAL = [
    ("Behavior:EC2/NetworkPortUnusual", 5),
    ("Behavior:EC2/TrafficVolumeUnusual", 5),
    ("DefenseEvasion:EC2/UnusualDNSResolver", 5),
    ("DefenseEvasion:EC2/UnusualDoHActivity", 5),
    ("DefenseEvasion:EC2/UnusualDoTActivity", 5),
    ("Impact:EC2/AbusedDomainRequest.Reputation", 5),
    ("Impact:EC2/SuspiciousDomainRequest.Reputation", 3),
    ("Execution:EC2/SuspiciousFile", 5),
]
OWN_LISTS = [
    "UnauthorizedAccess:EC2/MaliciousIPCaller.Custom",
    "Impact:EC2/MaliciousDomainRequest.Custom",
]
IN_BACKUPS = [
    "Execution:EC2/MaliciousFile!Snapshot",
    "Execution:EC2/MaliciousFile!AMI",
    "Execution:EC2/MaliciousFile!RecoveryPoint",
]
RUNTIME = [
    ("Backdoor:Runtime/C&CActivity.B", 8),
    ("Backdoor:Runtime/C&CActivity.B!DNS", 8),
    ("CryptoCurrency:Runtime/BitcoinTool.B", 8),
    ("DefenseEvasion:Runtime/KernelModuleLoaded", 8),
    ("Execution:Runtime/ReverseShell", 8),
    ("Impact:Runtime/CryptoMinerExecuted", 8),
    ("PrivilegeEscalation:Runtime/RuncContainerEscape", 8),
    ("Trojan:Runtime/DGADomainRequest.C!DNS", 8),
    ("UnauthorizedAccess:Runtime/MetadataDNSRebind", 8),
    ("DefenseEvasion:Runtime/FilelessExecution", 5),
    ("Execution:Runtime/NewBinaryExecuted", 5),
    ("Trojan:Runtime/DropPoint!DNS", 5),
    ("DefenseEvasion:Runtime/PtraceAntiDebugging", 3),
    ("Execution:Runtime/SuspiciousShellCreated", 3),
]
STOLEN_OUTSIDE = "UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS"
STOLEN_INSIDE = "UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.InsideAWS"
SEQUENCE_OF_INSTANCES = "AttackSequence:EC2/CompromisedInstanceGroup"
SEQUENCES_OF_CLUSTERS = [
    "AttackSequence:ECS/CompromisedCluster",
    "AttackSequence:EKS/CompromisedCluster",
]
SEQUENCES_ELSEWHERE = [
    "AttackSequence:IAM/CompromisedCredentials",
    "AttackSequence:S3/CompromisedData",
]
# About something else, though GuardDuty may add instanceDetails: type, resourceType.
ELSEWHERE = [
    ("CredentialAccess:IAMUser/AnomalousBehavior", "AccessKey"),
    ("Recon:IAMUser/MaliciousIPCaller", "AccessKey"),
    ("UnauthorizedAccess:IAMUser/TorIPCaller", "AccessKey"),
    ("Impact:S3/AnomalousBehavior.Delete", "S3Bucket"),
    ("Policy:S3/BucketPublicAccessGranted", "S3Bucket"),
    ("Object:S3/MaliciousFile", "S3Object"),
    ("Execution:Kubernetes/ExecInKubeSystemPod", "EKSCluster"),
    ("PrivilegeEscalation:Kubernetes/PrivilegedContainer", "EKSCluster"),
    ("Execution:Kubernetes/MaliciousFile", "EKSCluster"),
    ("Execution:ECS/MaliciousFile", "ECSCluster"),
    ("Execution:ECS/SuspiciousFile", "ECSCluster"),
    ("Execution:Container/MaliciousFile", "Container"),
    ("CredentialAccess:RDS/AnomalousBehavior.SuccessfulLogin", "RDSDBInstance"),
    ("Backdoor:Lambda/C&CActivity.B", "Lambda"),
]
# Made by detection rules of the customer's.
OWN_RULES = [
    "CredentialAccess:EC2/UnsecuredCredentials",
    "DefenseImpairment:EC2/DisableOrModifyTools",
]

ALL = [
    *OWN_RULES,
    *(name for name, _ in (*DOERS, *SUSPECTS, *UNUSUAL, *RUNTIME, *ELSEWHERE)),
    *(*BRUTE_FORCE, *PROBED, *OWN_LISTS, *IN_BACKUPS, STOLEN_OUTSIDE, STOLEN_INSIDE),
    *(SEQUENCE_OF_INSTANCES, *SEQUENCES_OF_CLUSTERS, *SEQUENCES_ELSEWHERE),
]
