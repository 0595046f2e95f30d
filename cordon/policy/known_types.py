"""The finding types that GuardDuty is known to make, and what each is about.

Sources: https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_finding-types-active.html and
https://docs.aws.amazon.com/guardduty/latest/ug/findings-custom-detection-rules.html
"""

from __future__ import annotations

from collections.abc import Iterator

# By the service that the second part of a type names: the resourceType of its findings, and the
# types, each without that part.
_TYPES: dict[str, tuple[tuple[str, ...], str]] = {
    "EC2": (
        ("Instance",),
        """
        Backdoor/C&CActivity.B Backdoor/C&CActivity.B!DNS Backdoor/DenialOfService.Dns
        Backdoor/DenialOfService.Tcp Backdoor/DenialOfService.Udp
        Backdoor/DenialOfService.UdpOnTcpPorts Backdoor/DenialOfService.UnusualProtocol
        Backdoor/Spambot Behavior/NetworkPortUnusual Behavior/TrafficVolumeUnusual
        CredentialAccess/UnsecuredCredentials CryptoCurrency/BitcoinTool.B
        CryptoCurrency/BitcoinTool.B!DNS DefenseEvasion/UnusualDNSResolver
        DefenseEvasion/UnusualDoHActivity DefenseEvasion/UnusualDoTActivity
        DefenseImpairment/DisableOrModifyTools Execution/MaliciousFile
        Execution/MaliciousFile!AMI Execution/MaliciousFile!RecoveryPoint
        Execution/MaliciousFile!Snapshot Execution/SuspiciousFile
        Impact/AbusedDomainRequest.Reputation Impact/BitcoinDomainRequest.Reputation
        Impact/MaliciousDomainRequest.Custom Impact/MaliciousDomainRequest.Reputation
        Impact/PortSweep Impact/SuspiciousDomainRequest.Reputation Impact/WinRMBruteForce
        Recon/PortProbeEMRUnprotectedPort Recon/PortProbeUnprotectedPort Recon/Portscan
        Trojan/BlackholeTraffic Trojan/BlackholeTraffic!DNS Trojan/DGADomainRequest.B
        Trojan/DGADomainRequest.C!DNS Trojan/DNSDataExfiltration Trojan/DriveBySourceTraffic!DNS
        Trojan/DropPoint Trojan/DropPoint!DNS Trojan/PhishingDomainRequest!DNS
        UnauthorizedAccess/MaliciousIPCaller.Custom UnauthorizedAccess/MetadataDNSRebind
        UnauthorizedAccess/RDPBruteForce UnauthorizedAccess/SSHBruteForce
        UnauthorizedAccess/TorClient UnauthorizedAccess/TorRelay
        """,
    ),
    "Runtime": (
        ("Instance", "EKSCluster", "ECSCluster", "Container"),
        """
        Backdoor/C&CActivity.B Backdoor/C&CActivity.B!DNS CryptoCurrency/BitcoinTool.B
        CryptoCurrency/BitcoinTool.B!DNS DefenseEvasion/FilelessExecution
        DefenseEvasion/KernelModuleLoaded DefenseEvasion/ProcessInjection.Proc
        DefenseEvasion/ProcessInjection.Ptrace DefenseEvasion/ProcessInjection.VirtualMemoryWrite
        DefenseEvasion/PtraceAntiDebugging DefenseEvasion/SuspiciousCommand
        Discovery/SuspiciousCommand Execution/MaliciousFileExecuted Execution/NewBinaryExecuted
        Execution/NewLibraryLoaded Execution/ReverseShell Execution/SuspiciousCommand
        Execution/SuspiciousShellCreated Execution/SuspiciousTool
        Impact/AbusedDomainRequest.Reputation Impact/BitcoinDomainRequest.Reputation
        Impact/CryptoMinerExecuted Impact/MaliciousDomainRequest.Reputation
        Impact/SuspiciousDomainRequest.Reputation Persistence/SuspiciousCommand
        PrivilegeEscalation/CGroupsReleaseAgentModified
        PrivilegeEscalation/ContainerMountsHostDirectory PrivilegeEscalation/DockerSocketAccessed
        PrivilegeEscalation/ElevationToRoot PrivilegeEscalation/RuncContainerEscape
        PrivilegeEscalation/SuspiciousCommand PrivilegeEscalation/UserfaultfdUsage
        Trojan/BlackholeTraffic Trojan/BlackholeTraffic!DNS Trojan/DGADomainRequest.C!DNS
        Trojan/DriveBySourceTraffic!DNS Trojan/DropPoint Trojan/DropPoint!DNS
        Trojan/PhishingDomainRequest!DNS UnauthorizedAccess/MetadataDNSRebind
        UnauthorizedAccess/TorClient UnauthorizedAccess/TorRelay
        """,
    ),
    "IAMUser": (
        ("AccessKey",),
        """
        CredentialAccess/AnomalousBehavior CredentialAccess/CompromisedCredentials
        DefenseEvasion/AnomalousBehavior DefenseEvasion/BedrockLoggingDisabled
        Discovery/AnomalousBehavior Exfiltration/AnomalousBehavior Impact/AnomalousBehavior
        InitialAccess/AnomalousBehavior PenTest/KaliLinux PenTest/ParrotLinux PenTest/PentooLinux
        Persistence/AnomalousBehavior Policy/RootCredentialUsage
        Policy/ShortTermRootCredentialUsage PrivilegeEscalation/AnomalousBehavior
        Recon/MaliciousIPCaller Recon/MaliciousIPCaller.Custom Recon/TorIPCaller
        Stealth/CloudTrailLoggingDisabled Stealth/PasswordPolicyChange
        UnauthorizedAccess/ConsoleLoginSuccess.B
        UnauthorizedAccess/InstanceCredentialExfiltration.InsideAWS
        UnauthorizedAccess/InstanceCredentialExfiltration.OutsideAWS
        UnauthorizedAccess/MaliciousIPCaller UnauthorizedAccess/MaliciousIPCaller.Custom
        UnauthorizedAccess/ResourceCredentialExfiltration.OutsideAWS UnauthorizedAccess/TorIPCaller
        """,
    ),
    "S3": (
        ("S3Bucket", "S3Object"),
        """
        Discovery/AnomalousBehavior Discovery/MaliciousIPCaller Discovery/MaliciousIPCaller.Custom
        Discovery/TorIPCaller Exfiltration/AnomalousBehavior Exfiltration/MaliciousIPCaller
        Impact/AnomalousBehavior.Delete Impact/AnomalousBehavior.Permission
        Impact/AnomalousBehavior.Write Impact/MaliciousIPCaller Object/MaliciousFile
        PenTest/KaliLinux PenTest/ParrotLinux PenTest/PentooLinux
        Policy/AccountBlockPublicAccessDisabled Policy/BucketAnonymousAccessGranted
        Policy/BucketBlockPublicAccessDisabled Policy/BucketPublicAccessGranted
        Stealth/ServerAccessLoggingDisabled UnauthorizedAccess/MaliciousIPCaller.Custom
        UnauthorizedAccess/TorIPCaller
        """,
    ),
    "Kubernetes": (
        ("EKSCluster",),
        """
        CredentialAccess/AnomalousBehavior.SecretsAccessed CredentialAccess/MaliciousIPCaller
        CredentialAccess/MaliciousIPCaller.Custom CredentialAccess/SuccessfulAnonymousAccess
        CredentialAccess/TorIPCaller DefenseEvasion/MaliciousIPCaller
        DefenseEvasion/MaliciousIPCaller.Custom DefenseEvasion/SuccessfulAnonymousAccess
        DefenseEvasion/TorIPCaller Discovery/AnomalousBehavior.PermissionChecked
        Discovery/MaliciousIPCaller Discovery/MaliciousIPCaller.Custom
        Discovery/SuccessfulAnonymousAccess Discovery/TorIPCaller
        Execution/AnomalousBehavior.ExecInPod Execution/AnomalousBehavior.WorkloadDeployed
        Execution/ExecInKubeSystemPod Execution/MaliciousFile Execution/SuspiciousFile
        Impact/MaliciousIPCaller Impact/MaliciousIPCaller.Custom Impact/SuccessfulAnonymousAccess
        Impact/TorIPCaller
        Persistence/AnomalousBehavior.WorkloadDeployed!ContainerWithSensitiveMount
        Persistence/ContainerWithSensitiveMount Persistence/MaliciousIPCaller
        Persistence/MaliciousIPCaller.Custom Persistence/SuccessfulAnonymousAccess
        Persistence/TorIPCaller Policy/AdminAccessToDefaultServiceAccount
        Policy/AnonymousAccessGranted Policy/ExposedDashboard Policy/KubeflowDashboardExposed
        PrivilegeEscalation/AnomalousBehavior.RoleBindingCreated
        PrivilegeEscalation/AnomalousBehavior.RoleCreated
        PrivilegeEscalation/AnomalousBehavior.WorkloadDeployed!PrivilegedContainer
        PrivilegeEscalation/PrivilegedContainer
        """,
    ),
    "ECS": (("ECSCluster",), "Execution/MaliciousFile Execution/SuspiciousFile"),
    "Container": (("Container",), "Execution/MaliciousFile Execution/SuspiciousFile"),
    "Lambda": (
        ("Lambda",),
        """
        Backdoor/C&CActivity.B CryptoCurrency/BitcoinTool.B Trojan/BlackholeTraffic
        Trojan/DropPoint UnauthorizedAccess/MaliciousIPCaller.Custom UnauthorizedAccess/TorClient
        UnauthorizedAccess/TorRelay
        """,
    ),
    "RDS": (
        ("RDSDBInstance", "RDSLimitlessDB"),
        """
        CredentialAccess/AnomalousBehavior.FailedLogin
        CredentialAccess/AnomalousBehavior.SuccessfulBruteForce
        CredentialAccess/AnomalousBehavior.SuccessfulLogin
        CredentialAccess/MaliciousIPCaller.FailedLogin
        CredentialAccess/MaliciousIPCaller.SuccessfulLogin
        CredentialAccess/ModifyAuthenticationProcess CredentialAccess/TorIPCaller.FailedLogin
        CredentialAccess/TorIPCaller.SuccessfulLogin Discovery/MaliciousIPCaller
        Discovery/TorIPCaller
        """,
    ),
}
_SEQUENCES = "EC2/CompromisedInstanceGroup ECS/CompromisedCluster EKS/CompromisedCluster"
_OTHER_SEQUENCES = "IAM/CompromisedCredentials S3/CompromisedData"
# The copies that a malware scan of a backup is about; each type has its own.
_BACKUPS = {"!AMI": "EC2Image", "!RecoveryPoint": "RecoveryPoint", "!Snapshot": "EBSSnapshot"}


def _known() -> Iterator[tuple[str, tuple[str, ...]]]:
    for service, (resources, names) in _TYPES.items():
        for name in names.split():
            purpose, _, family = name.partition("/")
            artifact = family[family.find("!") :]
            about = (_BACKUPS[artifact],) if artifact in _BACKUPS else resources
            yield f"{purpose}:{service}/{family}", about
    for name in f"{_SEQUENCES} {_OTHER_SEQUENCES}".split():
        yield f"AttackSequence:{name}", ("AttackSequence",)


# Each known type, and the resourceTypes that its findings may have.
KNOWN_TYPES = dict(sorted(_known()))
RESOURCES = tuple(sorted({each for about in KNOWN_TYPES.values() for each in about}))
