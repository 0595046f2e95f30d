"""Lists in the very shapes in which the feeds of policy.toml are published; no value is a real one.

Sources, for the shapes alone: https://www.spamhaus.org/drop/drop_v4.json,
https://feodotracker.abuse.ch/blocklist/, https://threatfox.abuse.ch/export/,
https://rules.emergingthreats.net/blockrules/, https://cinsscore.com/
"""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.core.policy.file import parse_policy
from chalicelib.core.policy.policy import Policy
from tests.builders import POLICY_FILE

_RULE = "#" * 64


@dataclass(frozen=True, slots=True)
class Published:
    """What a publisher sends, and what of it belongs on the list."""

    body: bytes
    read_as: str
    entries: list[str]
    dropped: dict[str, int]


def _with_windows_ends(*lines: str) -> bytes:
    return "\r\n".join([*lines, ""]).encode()


def examples_switched_on() -> Policy:
    """Return the policy as it ships, but with its examples of feeds no longer commented out."""
    text = POLICY_FILE.read_text(encoding="utf-8")
    examples = text[text.index("# [[threat_lists.feeds]]") :]
    uncommented = "\n".join(line.removeprefix("# ") for line in examples.split("\n") if line != "#")
    return parse_policy(text.replace(examples, uncommented))


PUBLISHED = {
    "drop": Published(
        b'{"cidr":"45.10.16.0/20","sblid":"SBL100001","rir":"apnic"}\n'
        b'{"cidr":"45.19.0.0/16","sblid":"SBL100002","rir":"apnic"}\n'
        b'{"cidr":"45.32.208.0/22","sblid":"SBL100003","rir":"ripencc"}\n'
        b'{"type":"metadata","timestamp":1772352002,"size":214,"records":3,'
        b'"copyright":"(c) 2026 A Publisher","terms":"https://lists.example.org/terms/"}\n',
        'JSON lines: JSON objects, "cidr"',
        ["45.10.16.0/20", "45.19.0.0/16", "45.32.208.0/22"],
        {},
    ),
    "feodo": Published(
        _with_windows_ends(
            _RULE,
            "# A tracker's blocklist of addresses (CSV)                     #",
            "# Last updated: 2026-03-01 11:54:07 UTC                        #",
            "# Terms Of Use: https://lists.example.org/blocklist/           #",
            "# For questions please contact tracker [at] example.org        #",
            _RULE,
            "#",
            '"first_seen_utc","dst_ip","dst_port","c2_status","last_online","malware"',
            '"2025-12-30 13:56:31","45.16.16.211","443","online","2026-03-01","Loader"',
            '"2026-01-17 07:44:46","45.178.161.32","4643","offline","2026-02-18","Bot"',
            '"2026-01-17 07:44:50","45.178.161.33","8080","online","2026-03-01","Bot"',
            "# END 3 entries",
        ),
        'CSV, column 2 "dst_ip"',
        ["45.16.16.211", "45.178.161.32/31"],
        {},
    ),
    "threatfox": Published(
        _with_windows_ends(
            _RULE,
            "# IOCs: recent additions - CSV format                          #",
            "# Last updated: 2026-03-01 11:51:04 UTC                        #",
            "#                                                              #",
            "# Terms Of Use: https://lists.example.org/faq/#tos             #",
            _RULE,
            "#",
            '# "first_seen_utc","ioc_id","ioc_value","ioc_type","threat_type","fk_malware",'
            '"malware_alias","malware_printable","last_seen_utc","confidence_level",'
            '"is_compromised","reference","tags","anonymous","reporter"',
            '"2026-03-01 11:51:04", "1900004", "c2.bad.example", "domain", "payload_delivery", '
            '"js.loader", "None", "Loader", "", "100", "False", "", "loader", "0", "ada"',
            '"2026-03-01 11:40:12", "1900003", "45.66.9.168:56003", "ip:port", "botnet_cc", '
            '"win.bot", "Bot,BotNet", "Bot", "2026-03-01 11:40:12", "75", "False", '
            '"https://lists.example.org/ioc/1900003/", "AS64500,c2,bot", "0", "bob"',
            '"2026-03-01 11:31:41", "1900002", "https://files.example.net/a/b.exe", "url", '
            '"payload_delivery", "win.bot", "None", "Bot", "", "90", "True", "", "exe", "1", "eve"',
            '"2026-03-01 11:20:00", "1900001", "[2001:db8::7]:443", "ip:port", "botnet_cc", '
            '"win.bot", "None", "Bot", "", "100", "False", "", "c2", "0", "ada"',
            '"2026-03-01 11:10:00", "1900000", "d41d8cd98f00b204e9800998ecf8427e", "md5_hash", '
            '"payload", "win.bot", "None", "Bot", "", "50", "False", "", "c2", "0", "ada"',
            "# Number of entries: 5",
        ),
        'CSV, column 3 "ioc_value"',
        ["45.66.9.168", "c2.bad.example"],
        {"ipv6": 1},
    ),
    "emerging-threats": Published(
        b"45.7.188.10\n45.7.190.114\n45.12.8.77\n45.12.9.5\n",
        "lines",
        ["45.7.188.10", "45.7.190.114", "45.12.8.77", "45.12.9.5"],
        {},
    ),
    "cins": Published(
        b"45.20.30.40\n45.20.30.41\n45.55.6.7\n45.201.1.9\n",
        "lines",
        ["45.20.30.40/31", "45.55.6.7", "45.201.1.9"],
        {},
    ),
}
