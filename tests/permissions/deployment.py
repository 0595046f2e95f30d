"""Cordon on moto with all that it may meet, and a record of what each function asks AWS for."""

from __future__ import annotations

import functools
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from botocore import session as sessions
from chalice.test import Client

import app as door
from chalicelib.adapters.dynamodb.attribute_values import typed
from chalicelib.adapters.dynamodb.held import DynamoHeld
from chalicelib.core.errors import CordonError
from chalicelib.core.evidence.names import name_of_instance
from chalicelib.core.findings.finding import parse_finding
from chalicelib.core.instance import InstanceRef
from chalicelib.core.notices.notice import Notice
from chalicelib.core.quarantine.held import Held
from chalicelib.core.threat_lists.feeds import Fetched
from chalicelib.wiring import curator, notifier, responder
from sandbox.deploy import scheduled_event
from sandbox.faithful.faults import Fault, Faults
from tests.adapters.aws import AWS_ACCOUNT, AWS_REGION, BUCKET, TABLE
from tests.adapters.sites import AwsSite
from tests.adapters.tiers import (
    give_address,
    give_role,
    join_balancer,
    join_group,
    register_addresses,
)
from tests.builders import OTHER_ACCOUNT
from tests.core.quarantine.test_call import an_api_call
from tests.entry.api import Api
from tests.entry.channels import FILE, keep_secrets
from tests.entry.home import Home, at_home, session_of
from tests.entry.lists import Lists, make_lists
from tests.fakes.notifier import Channels
from tests.house.source import ROOT
from tests.permissions.policies import NAMED_ROLE
from tests.permissions.requests import Request, recorded

# Everything that a policy file can turn on which makes Cordon ask AWS for more.
_POLICY = """
version = 1
[containment]
stop_after_cut = true
malware_scan = true
credentials = true
address = true
[snapshots]
lock_days = 1
share_with = ["999988887777"]
[accounts]
allowed = ["{account}"]
[release]
four_eyes = true
[review]
digest_hour = 0
[threat_lists]
kind = "{kind}"
[[threat_lists.feeds]]
name = "one"
url = "https://lists.example.org/"
secret = "secretsmanager:cordon/feeds/one"
[[threat_lists.feeds]]
name = "two"
url = "https://lists.example.org/"
secret = "ssm:/cordon/feeds/two"
"""
_DAILY = """
[[channels]]
name = "daily"
kind = "slack"
secret = "secretsmanager:cordon/slack"
digest = true
"""


class Feeds:
    """Lists that others publish."""

    def get(self, _host: str, _path: str, _headers: Mapping[str, str]) -> Fetched:
        return Fetched(HTTPStatus.OK, body=b"45.9.9.9\n")


@dataclass
class Deployment:
    """What `infra/` makes in both accounts, people who use it, and the requests by function."""

    home: Home
    there: AwsSite  # in the member account
    lists: Lists
    client: Client
    settings: pytest.MonkeyPatch
    folder: Path
    requests: dict[str, list[Request]] = field(default_factory=lambda: defaultdict(list))
    later: timedelta = timedelta()

    def contain(self, **changes: Any) -> None:
        self._invoke("contain_finding", self.home.event(**changes))

    def watch(self) -> None:
        self._invoke("watch_quarantines", scheduled_event("watch_quarantines"))

    def repair(self, name: str, account_id: str = AWS_ACCOUNT, **parameters: Any) -> None:
        """Somebody made the call `name`, and CloudTrail tells of it."""
        event = an_api_call(name, requestParameters=parameters)
        event |= {"account": account_id, "region": AWS_REGION}
        self._invoke("repair_drift", event)

    def sync(self) -> None:
        self._invoke("sync_threat_lists", scheduled_event("sync_threat_lists"))

    def notify(self, notice: Notice) -> None:
        event = self.client.events.generate_sns_event(json.dumps(notice.as_json()))
        self._invoke("notify", event)

    def ask(
        self, method: str, path: str, body: Any = None, *, who: str = "ada", **query: str
    ) -> Any:
        """Ask the API, which must not refuse; return its answer."""
        api = Api(caller=f"arn:aws:sts::{AWS_ACCOUNT}:assumed-role/responder-{who}/{who}")
        with recorded(self.requests["api_handler"]):
            answer = api.raw(method, path, body and json.dumps(body), query)
        assert answer["statusCode"] < HTTPStatus.BAD_REQUEST, answer
        return json.loads(answer["body"]) if answer["body"].startswith("{") else None

    def launch(self, vpc: str = "") -> str:
        site = self.home.site
        vpc = vpc or site.make_vpc()
        return site.launch((vpc, (site.make_group(vpc),)))

    def launch_there(self) -> str:
        vpc = self.there.make_vpc()
        return self.there.launch((vpc, (self.there.make_group(vpc),)))

    def put_in_a_group(self, instance_id: str, *, there: bool = False, name: str = "web") -> None:
        """Somebody has it in an Auto Scaling group, a target group in its VPC, and all else."""
        join_group(*self._place(there=there), instance_id, name=name)
        self.tie(instance_id, there=there, name=f"{name}-tied")

    def tie(self, instance_id: str, *, there: bool = False, name: str) -> None:
        """Somebody has it behind balancers of both kinds, with an Elastic IP and a role."""
        session, site = self._place(there=there)
        register_addresses(session, site, instance_id, 80, name=name)
        join_balancer(session, instance_id, name=name)
        give_address(site, instance_id)
        profile, roles = f"{NAMED_ROLE}-profile", session.client("iam").list_roles()["Roles"]
        if NAMED_ROLE not in {each["RoleName"] for each in roles}:
            give_role(session, site, instance_id, name=NAMED_ROLE)
        else:
            site.client.associate_iam_instance_profile(
                IamInstanceProfile={"Name": profile}, InstanceId=instance_id
            )

    def _place(self, *, there: bool) -> tuple[Any, AwsSite]:
        here = self.home.session
        return (session_of(here, OTHER_ACCOUNT), self.there) if there else (here, self.home.site)

    def vpc_of(self, instance_id: str) -> str:
        return self.home.site.instances.interfaces(instance_id)[0].vpc_id

    def plant(self, instance_id: str) -> None:
        """Somebody puts something where the description of an instance will be kept."""
        ref = InstanceRef(AWS_ACCOUNT, AWS_REGION, instance_id)
        instance = self.home.site.instances.find(instance_id)
        assert instance is not None
        name = name_of_instance(ref, 1, instance.as_described)
        self.home.session.client("s3").put_object(Bucket=BUCKET, Key=name, Body=b"{}")

    def poison_groups(self) -> None:
        """In both accounts somebody opens the deny groups, and closes the drain groups."""
        everything = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
        for site in (self.home.site, self.there):
            for group in site.groups.groups():
                does = "authorize" if group.role == "deny" else "revoke"
                for way in ("ingress", "egress"):
                    change = getattr(site.client, f"{does}_security_group_{way}")
                    change(GroupId=group.id, IpPermissions=everything)

    def fill_breaker(self) -> None:
        """Others have used up the breaker's window."""
        opened = [(datetime.now(UTC) + self.later).isoformat()] * 20
        item = {"pk": "control", "sk": f"breaker#{AWS_ACCOUNT}", "opened": opened}
        client = self.home.session.client("dynamodb")
        client.put_item(TableName=TABLE, Item=typed(item))

    def hold(self, **changes: Any) -> None:
        """A finding that only the breaker held."""
        finding = parse_finding(self.home.event(**changes))
        (ref,) = finding.instances
        held = Held(ref, finding.id, finding.type, 8, ("breaker_open",), datetime.now(UTC))
        client = self.home.session.client("dynamodb")
        DynamoHeld(client, TABLE).keep(held, finding.as_received)

    def bury(self, **changes: Any) -> None:
        """A finding that failed for good."""
        sqs = self.home.session.client("sqs")
        url = sqs.get_queue_url(QueueName="cordon-dev-dead-letters")["QueueUrl"]
        letter = {"requestPayload": self.home.event(**changes)}
        sqs.send_message(QueueUrl=url, MessageBody=json.dumps(letter))

    @contextmanager
    def refused(self, operation: str) -> Iterator[None]:
        """EC2 refuses `operation`: what the block does fails, and its worker is given up."""
        refusal = Fault(operation, code="Blocked", status=403)
        with Faults(wire=[refusal]).on(), pytest.raises((CordonError, AssertionError)):
            yield
        self.later += timedelta(minutes=2)

    @contextmanager
    def busy(self, *operations: str) -> Iterator[None]:
        """AWS has no time for the `operations`: the block fails, and leaves them to do."""
        busy = [Fault(each, code="InternalError", status=500) for each in operations]
        with Faults(wire=busy).on(), pytest.raises(CordonError):
            yield
        self.later += timedelta(minutes=2)

    def let_out(self, instance_id: str, *, there: bool = False) -> tuple[str, str]:
        """Somebody moves an interface of it to another group; return both."""
        site = self.there if there else self.home.site
        (interface,) = site.instances.interfaces(instance_id)
        group = site.make_group(interface.vpc_id)
        site.client.modify_network_interface_attribute(
            NetworkInterfaceId=interface.id, Groups=[group]
        )
        return interface.id, group

    def delete_groups(self, instance_id: str, *, there: bool = False) -> None:
        """Somebody deletes Cordon's groups of its VPC."""
        site = self.there if there else self.home.site
        (interface,) = site.instances.interfaces(instance_id)
        for group in site.groups.groups():
            if group.vpc_id == interface.vpc_id:
                site.client.delete_security_group(GroupId=group.id)

    def own_groups(self) -> Mapping[str, Sequence[str]]:
        """Return Cordon's groups, by account."""
        sites = {AWS_ACCOUNT: self.home.site, OTHER_ACCOUNT: self.there}
        return {name: [each.id for each in site.groups.groups()] for name, site in sites.items()}

    def choose(self, kind: str = "entity") -> None:
        path = self.folder / f"{kind}.toml"
        path.write_text(_POLICY.format(account=OTHER_ACCOUNT, kind=kind), encoding="utf-8")
        self.settings.setenv("CORDON_POLICY", str(path))

    def restart(self) -> None:
        """Every function begins anew: it has no client yet, and has taken no role."""
        for cached in (responder._responder, curator._curator, notifier._notifier):
            cached.cache_clear()

    def _invoke(self, function: str, event: Any) -> None:
        with recorded(self.requests[function]):
            self.client.lambda_.invoke(function, event)


def keep_feed_secrets(session: Any) -> None:
    session.client("secretsmanager").create_secret(Name="cordon/feeds/one", SecretString="a")
    session.client("ssm").put_parameter(Name="/cordon/feeds/two", Value="b", Type="SecureString")


@contextmanager
def deployed(folder: Path) -> Iterator[Deployment]:
    """Deploy; the clock of the functions goes on as `later` says, and none of them waits."""
    channels = folder / "channels.toml"
    channels.write_text(FILE + _DAILY, encoding="utf-8")
    with (
        pytest.MonkeyPatch.context() as settings,
        Client(door.app, stage_name="dev", project_dir=str(ROOT)) as client,
        at_home() as home,
    ):
        in_member = session_of(home.session, OTHER_ACCOUNT)
        there = AwsSite(in_member.client("ec2"), OTHER_ACCOUNT)
        in_member.client("guardduty").create_detector(Enable=True)
        lists = make_lists(client, settings)
        made = Deployment(home, there, lists, client, settings, folder)
        keep_secrets(home.session)
        keep_feed_secrets(home.session)
        home.session.client("sqs").create_queue(QueueName="cordon-dev-dead-letters")
        home.session.client("sns").create_topic(Name="cordon-dev-chat")
        # What services can do takes long to read, and each session would read it anew.
        settings.setattr(sessions, "create_loader", functools.cache(sessions.create_loader))
        settings.setenv("CORDON_MODE", "enforce")
        settings.setenv("CORDON_CHANNELS", str(channels))
        made.choose()
        live_responder, live_notifier = responder.responder, notifier.notifier

        def timed(_: str) -> Any:
            now = datetime.now(UTC) + made.later
            return replace(live_responder(), now=lambda: now, pause=lambda _: None)

        def offline(_: str) -> Any:
            live = live_notifier()
            assert live is not None
            return replace(live, web=Channels())

        live_curator = curator.curator

        def with_feeds(_: str) -> Any:
            return replace(live_curator(), web=Feeds())

        settings.setattr(curator, "curator", with_feeds)
        settings.setattr(door, "responder", timed)
        settings.setattr(notifier, "notifier", offline)
        made.restart()
        yield made
        made.restart()
