from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.core.errors import PolicyError
from chalicelib.core.findings.origin import Confidence
from chalicelib.core.policy.file import parse_policy
from chalicelib.core.threat_lists.feeds import Feed
from tests.builders import PACKAGED
from tests.core.threat_lists.published import examples_switched_on

HEAD = '[[threat_lists.feeds]]\nname = "ours"\n'
URL = 'url = "https://lists.example.org/a.csv?b=c"\n'


def feeds(text: str) -> tuple[Feed, ...]:
    return parse_policy(f"version = 1\n{text}", PACKAGED).feeds


def test_no_feed_is_fetched_unless_somebody_says_so() -> None:
    assert PACKAGED.feeds == feeds("") == ()


def test_the_five_examples_may_be_taken_as_they_stand() -> None:
    found = examples_switched_on().feeds

    assert len(found) == 5
    assert all(feed.licence.startswith("https://") for feed in found)


def test_a_feed_needs_a_name_and_a_url_only() -> None:
    assert feeds(HEAD + URL) == (Feed("ours", "lists.example.org", "/a.csv?b=c"),)
    assert feeds(HEAD + 'url = "https://lists.example.org"\n')[0].path == "/"


def test_a_feed_is_read_as_it_is_written() -> None:
    text = """
confidence = "high"
every_hours = 1
expires_after_hours = 24
column = "ioc"
where = {kind = ["ip:port", "domain"]}
secret = "secretsmanager:cordon/feeds/ours"
header = "Auth-Key"
licence = "CC0: any use"
"""

    assert feeds(HEAD + URL + text) == (
        Feed(
            "ours",
            "lists.example.org",
            "/a.csv?b=c",
            Confidence.HIGH,
            timedelta(hours=1),
            timedelta(hours=24),
            "ioc",
            {"kind": ("ip:port", "domain")},
            "secretsmanager:cordon/feeds/ours",
            "Auth-Key",
            "CC0: any use",
        ),
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[threat_lists]\nfeeds = 1", "must be tables"),
        ("[threat_lists]\nfeeds = [1]", "a feed without a name"),
        ("[[threat_lists.feeds]]\n" + URL, "a feed without a name"),
        ('[[threat_lists.feeds]]\nname = "../ours"\n' + URL, "a feed without a name"),
        ((HEAD + URL) * 2, "has two feeds named ours"),
        ((HEAD + URL) * 51, "at most 50"),
        (HEAD, "has no url in ours"),
        (HEAD + URL + "evry = 1", "has the unknown name 'evry' in ours; known are name, url"),
        (HEAD + 'url = "http://lists.example.org/"', "a url in ours that is not an https URL"),
        (HEAD + 'url = "https://10.0.0.1/"', "is not an https URL of a public name"),
        (HEAD + 'url = "https://a@lists.example.org/"', "is not an https URL"),
        (HEAD + 'url = "https://lists.example.org:8443/"', "is not an https URL"),
        (HEAD + "url = 1", "is not an https URL"),
        (HEAD + URL + 'confidence = "sure"', "a confidence in ours that is not one of low"),
        (HEAD + URL + "every_hours = 0", "every_hours in ours that is not a whole number of hours"),
        (HEAD + URL + "expires_after_hours = true", "expires_after_hours in ours that is not"),
        (HEAD + URL + "expires_after_hours = 6", "lets ours expire before it is fetched again"),
        (HEAD + URL + 'secret = "ssm:/cordon/slack"', "ssm:/cordon/feeds/"),
        (HEAD + URL + 'header = "Host"', "header in ours that is not the name of a header"),
        (HEAD + URL + 'column = ""', "column in ours that is not the name of a column"),
        (HEAD + URL + "where = 1", "where in ours that is not a table of lists of texts"),
        (HEAD + URL + "where = {a = [1]}", "is not a table of lists of texts"),
        (HEAD + URL + 'where = {a = "b"}', "is not a table of lists of texts"),
        (HEAD + URL + "licence = 1", "licence in ours that is not a text"),
    ],
)
def test_a_feed_that_cannot_be_followed_is_refused_with_its_name(text: str, said: str) -> None:
    with pytest.raises(PolicyError, match="feeds") as caught:
        feeds(text)

    assert said in str(caught.value)
