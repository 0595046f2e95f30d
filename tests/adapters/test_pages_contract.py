"""How every store of quarantines lists them; run on the fake and on DynamoDB."""

from __future__ import annotations

import pytest

from chalicelib.adapters.dynamodb import records
from chalicelib.core.api.cursor import Page
from chalicelib.core.api.request import Selection
from chalicelib.core.quarantine.record import Line, State
from tests.adapters.stores import DynamoStore, Store, dossier, opens
from tests.builders import MINUTE, NOON, OTHER_ACCOUNT, a_policy, a_quarantine, a_ref

SAVED = Line(NOON + MINUTE, "cordon", "contained")


def many(store: Store, count: int = 5) -> list[str]:
    """Open so many quarantines, a minute apart, and return the instances, newest first."""
    policy = a_policy(max_containments=100)
    for n in range(count):
        ref = a_ref(f"i-{n:017x}")
        opens(store, a_quarantine(ref=ref, opened_at=NOON + n * MINUTE), policy=policy)
    return [f"i-{n:017x}" for n in reversed(range(count))]


def paged(store: Store, state: State | None, most: int) -> list[str]:
    """Return the instances of every page, in their order."""
    seen: list[str] = []
    after = None
    for _ in range(10):
        page = store.quarantines.page(Selection(state), after, most)
        after = page.goes_on
        assert len(page.quarantines) <= most
        seen.extend(each.ref.instance_id for each in page.quarantines)
        if after is None:
            break
    return seen


@pytest.mark.parametrize("state", [None, State.CONTAINING])
@pytest.mark.parametrize("most", [1, 2, 5, 50])
def test_pages_name_each_quarantine_once_newest_first(
    store: Store, state: State | None, most: int
) -> None:
    expected = many(store)

    assert paged(store, state, most) == expected


def test_a_page_of_a_state_holds_no_other(store: Store) -> None:
    many(store)
    contained = dossier(store, a_ref("i-00000000000000002").key).quarantine
    assert contained is not None
    store.quarantines.save(contained.next(state=State.CONTAINED), SAVED)

    page = store.quarantines.page(Selection(State.CONTAINED), None, 50)

    assert [each.ref.instance_id for each in page.quarantines] == ["i-00000000000000002"]
    assert page.goes_on is None
    assert store.quarantines.page(Selection(State.RELEASED), None, 50) == Page(())


def test_a_page_of_one_account_or_of_what_is_open_is_filled_from_all(store: Store) -> None:
    many(store)
    ref = a_ref("i-0000000000000beef", OTHER_ACCOUNT)
    there = opens(store, a_quarantine(ref=ref, opened_at=NOON - MINUTE))
    over = dossier(store, a_ref("i-00000000000000001").key).quarantine
    assert over is not None
    store.quarantines.save(over.next(state=State.RELEASED), SAVED)

    theirs = store.quarantines.page(Selection(account_id=OTHER_ACCOUNT), None, 1)
    still = store.quarantines.page(Selection(is_open=True), None, 50)

    assert theirs.quarantines == (there,)
    assert over.ref not in [each.ref for each in still.quarantines]
    assert there.ref in [each.ref for each in still.quarantines]


# No transaction put these there: what knows none (dynalite) can show its indexes by them.


@pytest.mark.parametrize("state", [None, State.CONTAINING])
@pytest.mark.parametrize("most", [2, 50])
def test_records_that_lie_in_the_table_are_read_and_paged(
    table: DynamoStore, state: State | None, most: int
) -> None:
    lying = [
        a_quarantine(ref=a_ref(f"i-{n:017x}"), opened_at=NOON + n * MINUTE, number=n + 1)
        for n in range(5)
    ]
    over = a_quarantine(State.RELEASED, opened_at=NOON - MINUTE, released_at=NOON)
    for each in (*lying, over):
        table.put(records.from_quarantine(each))

    assert [dossier(table, each.ref.key).quarantine for each in lying] == lying
    names = [each.ref.instance_id for each in reversed(lying)]
    assert paged(table, state, most) == [*names, *([] if state else [over.ref.instance_id])]
