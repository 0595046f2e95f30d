"""The threat list in the demo: a messy one goes live clean, a feed joins it, poison is refused."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

from chalicelib.core.threat_lists.feeds import Feed
from sandbox.demo.publisher import publishing
from sandbox.demo.scenes import Scene
from sandbox.faithful.guardduty_findings import finding_about
from sandbox.guard import ACCOUNT, REGION
from sandbox.server import Sandbox
from sandbox.world import World

_SYNC = "sync_threat_lists"
_NAME = "cordon-dev-threats-1"
_BUCKET = f"cordon-dev-threat-lists-{ACCOUNT}-{REGION}"

_MESSY = """\
# cordon: confidence=high
################################################
# A tracker's list, as trackers write theirs   #
################################################
"first_seen_utc","dst_ip","dst_port","malware"
"2026-02-26 07:30:05","45.83.64.11","443","win.loader"
"2026-02-26 07:31:11","45.83.64.10","8080","win.loader"
"2026-02-27 19:12:40","45.83.65.0/25","443","elf.bot"
"2026-02-27 19:12:41","45.83.65.128/25","443","elf.bot"
"2026-02-28 02:00:09","45.83.64[.]11:8443","8443","win.loader"
"2026-02-28 02:11:37","C2[.]Bad[.]Example","443","win.loader"
"2026-02-28 02:11:38","10.0.0.8","443","win.loader"
"2026-02-28 02:11:39","0.0.0.0/0","0","win.loader"
"2026-02-28 02:1
# END 9 entries
"""
_FEED = Feed("netblocks", "lists.example.org", "/netblocks.json", column="cidr")
_PUBLISHED = b"""\
{"cidr":"45.112.0.0/20","ref":"N1","rir":"apnic"}
{"cidr":"45.112.32.0/20","ref":"N2","rir":"apnic"}
{"cidr":"45.121.4.0/22","ref":"N3","rir":"ripencc"}
{"cidr":"45.133.1.0/24","ref":"N4","rir":"ripencc"}
{"type":"metadata","records":4,"terms":"https://lists.example.org/terms/"}
"""
_CLEAN = [
    *("45.83.64.10/31", "45.83.65.0/24"),
    *("45.112.0.0/20", "45.112.32.0/20", "45.121.4.0/22", "45.133.1.0/24"),
    "c2.bad.example",
]
_ORIGIN = "Put on our threat list by sources/feed.csv, high confidence"
_POISONED = "<html><body>502 Bad Gateway</body></html>\n"


def _sync(body: str) -> Callable[[Sandbox, World], None]:
    def play(sandbox: Sandbox, _: World) -> None:
        sandbox.client("s3").put_object(Bucket=_BUCKET, Key="sources/feed.csv", Body=body.encode())
        sandbox.fire(_SYNC)

    return play


def _fetch(sandbox: Sandbox, _: World) -> None:
    with publishing(_FEED, _PUBLISHED):
        sandbox.fire(_SYNC)
        sandbox.drain()


def _finding_of_the_list(sandbox: Sandbox, world: World) -> None:
    finding = finding_about(
        ACCOUNT,
        REGION,
        sandbox.detector_id(),
        world.login,
        type_="UnauthorizedAccess:EC2/MaliciousIPCaller.Custom",
        severity=5.0,
        remote="45.83.65.200",
    )
    finding["service"]["additionalInfo"] = {"threatListName": _NAME}
    sandbox.publish_finding(finding)


LIST_SCENES = (
    Scene("a tracker's CSV lies in the bucket", ("published", "3 entries"), _sync(_MESSY), _SYNC),
    Scene("a publisher's list is fetched, over HTTPS", ("published", "7 entries"), _fetch, _SYNC),
    Scene(
        "the login server calls an address of the CSV, a sure one",
        ("contained", "own-list-sure"),
        _finding_of_the_list,
    ),
    Scene("the CSV breaks: an error page", ("refused", "unreadable"), _sync(_POISONED), _SYNC),
)


def list_notices(sandbox: Sandbox) -> list[str]:
    """Return what people were told about the threat list, as text."""
    notices = [json.loads(message) for message in _messages(sandbox)]
    return [each["text"] for each in notices if each["kind"] == "threat_list"]


def _messages(sandbox: Sandbox) -> Iterator[str]:
    for each in sandbox.delivery.attempts:
        if each.function == "notify":
            yield each.event["Records"][0]["Sns"]["Message"]


def wrong_lists(sandbox: Sandbox) -> Iterator[str]:
    """Yield what is wrong with GuardDuty's list: the clean one must be active, and no other."""
    if not any(_ORIGIN in message for message in _messages(sandbox)):
        yield "nobody was told who put the address on the list"
    guardduty, detector = sandbox.client("guardduty"), sandbox.detector_id()
    found = [
        guardduty.get_threat_entity_set(DetectorId=detector, ThreatEntitySetId=set_id)
        for set_id in guardduty.list_threat_entity_sets(DetectorId=detector)["ThreatEntitySetIds"]
    ]
    if [(each["Name"], each["Status"]) for each in found] != [(_NAME, "ACTIVE")]:
        yield f"GuardDuty has the lists {[(each['Name'], each['Status']) for each in found]}"
        return
    key = found[0]["Location"].removeprefix(f"s3://{_BUCKET}/")
    text = sandbox.client("s3").get_object(Bucket=_BUCKET, Key=key)["Body"].read().decode()
    if text.splitlines() != _CLEAN:
        yield f"GuardDuty reads {text.splitlines()}, not {_CLEAN}"
    kept = sandbox.client("s3").get_object(Bucket=_BUCKET, Key=_FEED.object)["Body"].read()
    if kept != _PUBLISHED:
        yield f"what {_FEED.host} published is not kept as it came"
