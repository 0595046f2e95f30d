"""Short runs of the figures of `make bench`; the long ones are measured there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from chalice import Chalice

from bench import api, cold_start, fuzz, in_memory, interleavings, on_aws, others, threat_lists
from bench.parsers import PARSERS, TRUSTING
from bench.simulation import Simulation, Storm
from tests.core.threat_lists.shapes import SHAPES


def test_a_crash_around_some_aws_calls_converges() -> None:
    assert "all converge" in on_aws.crashes(every=38)


def test_a_crash_around_some_aws_calls_of_a_release_converges() -> None:
    assert "all converge" in on_aws.release_crashes(every=31)


def test_a_refused_call_is_never_called_contained() -> None:
    assert "contained only if cut off" in on_aws.refusals(every=4)


def test_the_cut_waits_for_three_round_trips_and_others_take_more_or_leave_more_open() -> None:
    assert "Cordon 3 trips, 0 left open" in others.compared().text


def test_duplicates_at_once_make_one_quarantine_each() -> None:
    assert "40 quarantines, 0 lost" in in_memory.burst(400, 40, 16)


def test_mutated_findings_are_answered_or_rejected_without_a_write() -> None:
    assert "0 unhandled" in in_memory.mutations(1_000)


@pytest.mark.parametrize(
    "fuzzed",
    [
        fuzz.stored_records,
        fuzz.published_notices,
        fuzz.list_sources,
        fuzz.api_requests,
        fuzz.channel_answers,
    ],
    ids=lambda each: each.__name__,
)
def test_what_others_write_is_taken_or_refused_and_never_unhandled(
    fuzzed: Callable[[int], str],
) -> None:
    said = fuzzed(200)

    assert "0 unhandled" in said or "0 of 5xx" in said


@pytest.mark.parametrize("name", PARSERS)
def test_every_parser_that_is_fuzzed_takes_what_it_begins_with_and_refuses_what_is_torn(
    name: str,
) -> None:
    parser = PARSERS[name]
    for seed in parser.seeds:
        parser.read(seed)
        parser.read(seed.replace(b"1", b"x"))
        parser.read(seed[:-1])


def test_a_parser_that_trusts_what_it_is_told_is_found_out() -> None:
    with pytest.raises(TypeError):
        TRUSTING.read(b'{"detail": {"severity": "8"}}')


def test_a_storm_over_many_accounts_is_cut_and_one_over_one_account_is_held() -> None:
    asked = ({"ec2.DescribeInstances": 1}, {"by_opened": 2}, {"ec2.Modify": 1}, {"by_opened": 9})
    wide = Simulation(Storm("wide", 500, 5, 100), asked).run()
    narrow = Simulation(Storm("narrow", 500, 5, 1), asked).run()

    assert (len(wide.seconds), wide.held, wide.lost) == (500, 0, 0)
    assert (len(narrow.seconds), narrow.held, narrow.lost) == (10, 490, 0)


def test_a_storm_that_outlasts_every_try_is_handed_back_until_it_is_cut() -> None:
    asked = ({"ec2.DescribeInstances": 1}, {"by_opened": 2}, {"ec2.Modify": 30}, {"by_opened": 9})

    found = Simulation(Storm("too much", 60, 1, 1, most=100), asked).run()

    assert found.letters
    assert (len(found.seconds), found.lost) == (60, 0)


def test_a_long_feed_becomes_the_list_of_a_loop_of_ipaddress_with_far_fewer_calls() -> None:
    assert threat_lists.calls_beside_ipaddress(5_000) < 0.05


def test_several_feeds_cost_no_more_for_each_line_than_one() -> None:
    one, several = (threat_lists.calls_by_line(10_000, sources) for sources in (1, 4))

    # Each line is made into an entry twice: of its source, and of the whole. How much that is of
    # all calls differs from Python to Python; work that grew by the square would be four times.
    assert one > 1
    assert several / one < 2


@pytest.mark.parametrize("shape", sorted(SHAPES)[::3])
def test_an_entry_of_a_long_list_costs_what_one_of_a_short_list_does(shape: str) -> None:
    short, long = (threat_lists.calls_by_entry(shape, lines) for lines in (2_000, 8_000))

    assert long < short * 1.2


def test_states_are_counted_and_what_was_not_searched_to_the_end_is_named() -> None:
    line = interleavings.interleavings(most=30, deaths=0, at_least=1_000)

    assert "0 violations" in line
    assert "NOT complete, cut off at 30 states: fresh, " in line


def test_nothing_that_the_api_is_asked_is_answered_by_an_error_of_the_server() -> None:
    assert "0 answers of 5xx" in api.hostile_api(30)


def test_an_api_that_fails_on_what_it_is_asked_is_found_out() -> None:
    broken = Chalice(app_name="broken")

    @broken.route("/quarantines")
    def list_all() -> dict[str, int]:
        request: Any = broken.current_request
        return {"page": int(request.query_params["cursor"])}

    with pytest.raises(BaseExceptionGroup, match="failures"):
        api.hostile_api(150, broken)


def test_what_ships_starts_with_less_to_read_than_a_plain_handler_and_hardly_more_calls() -> None:
    calls, read = cold_start.counts()

    assert read < 0.88
    assert calls < 1.15
