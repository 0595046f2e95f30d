from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core.findings.severity import Band
from chalicelib.core.notices.channels.channel import Channel, ChannelKind
from chalicelib.core.notices.channels.channels_file import parse_channels
from chalicelib.core.notices.channels.errors import ChannelsError
from chalicelib.core.notices.notice import Kind

PACKAGED = Path(__file__).parents[4] / "chalicelib" / "channels.toml"


def complaints(text: str) -> tuple[str, ...]:
    with pytest.raises(ChannelsError) as caught:
        parse_channels(text)
    return caught.value.complaints


def slack(**more: str) -> str:
    fields = {"name": '"soc"', "kind": '"slack"', "secret": '"ssm:/cordon/x"', **more}
    lines = "\n".join(f"{name} = {value}" for name, value in fields.items())
    return f"version = 1\n[[channels]]\n{lines}\n"


def test_the_packaged_file_has_no_channel() -> None:
    assert parse_channels(PACKAGED.read_text(encoding="utf-8")) == ()


def test_the_examples_of_the_packaged_file_can_be_followed() -> None:
    """Uncomment what stands below the word Examples, as its reader will."""
    _, _, examples = PACKAGED.read_text(encoding="utf-8").partition("Examples:\n")
    text = "\n".join(line.removeprefix("# ").removeprefix("#") for line in examples.splitlines())
    head, _, tail = text.rpartition("version = 1")

    channels = parse_channels(f"version = 1\n{head}{tail}")

    assert [channel.kind for channel in channels] == list(ChannelKind)


def test_everything_can_be_said() -> None:
    text = slack(
        conversation='"C0123456789"',
        kinds='["containment", "hold"]',
        outcomes='["contained"]',
        accounts='["111122223333"]',
        min_severity='"High"',
        digest="true",
    )

    assert parse_channels(text) == (
        Channel(
            "soc",
            ChannelKind.SLACK,
            "ssm:/cordon/x",
            "C0123456789",
            frozenset({Kind.CONTAINMENT, Kind.HOLD}),
            frozenset({"contained"}),
            frozenset({"111122223333"}),
            Band.HIGH,
            digest=True,
        ),
    )


@pytest.mark.parametrize(
    ("field", "value", "complaint"),
    [
        ("name", '"SOC"', "channel 1: name must be small letters"),
        ("name", "7", "channel 1: name must be small letters"),
        ("kind", '"irc"', "soc: kind must be one of slack, teams"),
        ("kind", "[]", "soc: kind must be one of slack, teams"),
        ("secret", '"https://hooks.slack.com/services/T/B/x"', "soc: secret must be secretsm"),
        ("secret", '"secretsmanager:prod/db"', "soc: secret must be secretsmanager:cordon/"),
        ("secret", '"ssm:/cordon/a b"', "soc: secret must be secretsmanager:cordon/"),
        ("conversation", '"#general"', "soc: conversation must be the id of a channel"),
        ("url", '"https://a.example/"', "soc: unknown name url"),
        ("kinds", '["containments"]', "soc: kinds must be a list of finding, containment"),
        ("kinds", "[]", "soc: kinds must be a list of finding, containment"),
        ("kinds", '"hold"', "soc: kinds must be a list of finding, containment"),
        ("outcomes", '["Contained"]', "soc: outcomes must be a list of outcomes"),
        ("accounts", "[111122223333]", "soc: accounts must be a list of texts of 12 digits"),
        ("accounts", '["11112222333"]', "soc: accounts must be a list of texts of 12 digits"),
        ("min_severity", '"high"', "soc: min_severity must be one of Low, Medium, High, Critical"),
        ("min_severity", "7", "soc: min_severity must be one of Low, Medium, High, Critical"),
        ("digest", '"yes"', "soc: digest must be true or false"),
        ("colour", '"red"', "soc: unknown name colour"),
    ],
)
def test_a_mistake_is_named_with_its_channel(field: str, value: str, complaint: str) -> None:
    (said,) = complaints(slack(**{field: value}))

    assert said.startswith(complaint)


@pytest.mark.parametrize(
    "url",
    [
        "http://a.example/x",
        "https://a.example:8443/x",
        "https://user@a.example/x",
        "https://127.0.0.1/x",
        "https://[::1]/x",
        "https://localhost/x",
        "https://A.example/x",
        "https://a.example/x y",
        "https://a.example\\\\@b.example/",
        "//a.example/x",
        f"https://{'a' * 64}.example/x",
        "https://a..example/x",
        "",
    ],
)
def test_a_url_of_a_webhook_is_https_and_the_name_of_a_host(url: str) -> None:
    text = slack(kind='"webhook"', url=f'"{url}"')

    said = "soc: url must be https://, the name of a host, and a path (line 6)"
    assert complaints(text) == (said,)


def test_all_mistakes_are_named_at_once() -> None:
    text = """
        version = 2
        speed = 1
        [[channels]]
        name = "a"
        kind = "pagerduty"
        region = "mars"
        [[channels]]
        kind = "q_developer"
        topic = "cordon-prod-notices"
        [[channels]]
        name = "hub"
        kind = "security_hub"
        [[channels]]
        name = "hub"
        kind = "security_hub"
    """

    assert complaints(text) == (
        "version must be 1 (line 2)",
        "unknown name speed (line 3)",
        "a: secret is missing (line 4)",
        "a: region must be one of us, eu (line 7)",
        "channel 2: name is missing (line 8)",
        "channel 2: topic must be the name of an SNS topic, cordon-...-chat (line 10)",
        "two channels are named hub (line 15)",
    )


@pytest.mark.parametrize(
    ("field", "value", "meant"),
    [("kind", '"slak"', "slack"), ("min_severty", '"Low"', "min_severity")],
)
def test_what_was_meant_is_suggested(field: str, value: str, meant: str) -> None:
    (said,) = complaints(slack(**{field: value}))

    assert f"did you mean {meant}?" in said


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "version must be 1"),
        ("version = true", "version must be 1"),
        ("version = 1.0", "version must be 1"),
        ("version = 1\nchannels = 3", "channels must be tables"),
        ("version = 1\nchannels = [3]", "channels must be tables"),
        ("version = ", "Invalid value"),
        ("a = " + "[" * 20_000, "nested too deeply"),
    ],
    ids=lambda text: text[:20],
)
def test_a_page_that_is_none_is_refused(text: str, complaint: str) -> None:
    (said,) = complaints(text)

    assert complaint in said


@given(st.text(st.sampled_from('[]="\n #.channelskindsecret:/@1'), max_size=80))
def test_any_text_is_followed_or_refused(text: str) -> None:
    channels: tuple[Channel, ...] = ()
    with suppress(ChannelsError):
        channels = parse_channels(f"version = 1\n{text}")

    assert all(channel.name for channel in channels)
