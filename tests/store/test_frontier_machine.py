"""The frontier against a plain model of itself, in any order of steps."""

from __future__ import annotations

from itertools import count

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from store.visits import KINDS, LEASE_MS, done, task
from zetdard.records import User
from zetdard.store.frontier import Frontier
from zetdard.store.statements import rows
from zetdard.store.store import Store
from zetdard.tasks import Claim, Result, Task, TaskState

SOURCES = count()
WORKERS = st.sampled_from(["ann", "bob"])
TASKS = st.builds(
    task,
    st.sampled_from("abcdefgh"),
    kind=st.sampled_from(sorted(KINDS)),
    depth=st.integers(0, 3),
    priority=st.integers(0, 2),
)
ENDS = st.sampled_from([TaskState.GONE, TaskState.FAILED])


class Row:
    """What the model knows of a task."""

    def __init__(self, number: int, first: Task, now: int) -> None:
        self.number = number
        self.depth = first.depth
        self.priority = first.priority
        self.state = TaskState.TODO
        self.led = 0
        self.due = now
        self.owner: str | None = None
        self.until = 0


class Frontiers(RuleBasedStateMachine):
    """Two workers, each with a frontier object of its own, as on two machines."""

    store: Store

    def __init__(self) -> None:
        super().__init__()
        self.now = 1_000
        self.source = f"m{next(SOURCES)}"
        self.frontiers = {
            name: Frontier(self.store.database, self.source, clock=lambda: self.now)
            for name in ("ann", "bob")
        }
        self.model: dict[tuple[str, str], Row] = {}
        self.facts: set[str] = set()
        self.held: dict[str, list[Claim]] = {"ann": [], "bob": []}

    def put(self, new: list[Task]) -> int:
        before = len(self.model)
        lowest: dict[tuple[str, str], Task] = {}
        for one in new:
            known = lowest.get(one.identity[:2])
            lowest[one.identity[:2]] = (
                one
                if known is None
                else task(
                    one.id,
                    kind=one.kind,
                    depth=min(known.depth, one.depth),
                    priority=min(known.priority, one.priority),
                )
            )
        for identity, one in lowest.items():
            row = self.model.setdefault(identity, Row(len(self.model), one, self.now))
            if one.depth < row.depth and row.state is TaskState.DONE and row.led:
                row.state, row.due = TaskState.TODO, self.now
            row.depth = min(row.depth, one.depth)
            row.priority = min(row.priority, one.priority)
        return len(self.model) - before

    @rule(name=WORKERS, new=st.lists(TASKS, max_size=4))
    def sow(self, name: str, new: list[Task]) -> None:
        assert self.frontiers[name].sow(new) == self.put(new)

    @rule(ms=st.sampled_from([1, 100, LEASE_MS]))
    def wait(self, ms: int) -> None:
        self.now += ms

    @rule(name=WORKERS, n=st.integers(1, 4), depth=st.integers(0, 3))
    def claim(self, name: str, n: int, depth: int) -> None:
        claims = self.frontiers[name].claim(name, n, kinds=KINDS, max_depth=depth, lease_ms=LEASE_MS)
        due = sorted(
            (row.priority, row.number, identity)
            for identity, row in self.model.items()
            if row.state is TaskState.TODO
            and row.due <= self.now
            and row.depth <= depth
            and (row.owner is None or row.until <= self.now)
        )
        assert [claim.task.identity[:2] for claim in claims] == [identity for *_, identity in due[:n]]
        for claim in claims:
            row = self.model[claim.task.identity[:2]]
            assert (claim.task.depth, claim.task.priority) == (row.depth, row.priority)
            row.owner, row.until = name, self.now + LEASE_MS
        self.held[name] += claims

    @rule(name=WORKERS, children=st.lists(TASKS, max_size=3), end=st.none() | ENDS, data=st.data())
    def settle(self, name: str, children: list[Task], end: TaskState | None, data: st.DataObject) -> None:
        if not self.held[name]:
            return
        claim = self.held[name].pop(data.draw(st.integers(0, len(self.held[name]) - 1)))
        row = self.model[claim.task.identity[:2]]
        fact = f"{name}-{len(self.facts)}-{self.now}"
        if end is not None:
            result = Result(claim=claim, state=end)
        elif data.draw(st.booleans()):
            result = Result(claim=claim, state=TaskState.TODO, wait_ms=100)
        else:
            result = done(claim, [User(id=fact)], children)
        settled = self.frontiers[name].settle(name, [result])
        if row.owner != name:
            assert (settled.lost, settled.done) == ({claim.key}, frozenset())
            return
        assert (settled.lost, settled.done) == (frozenset(), {claim.key})
        depth = row.depth
        row.owner, row.state, row.led = None, result.state, 0
        if result.state is TaskState.DONE:
            self.facts.add(fact)
            row.led = len(children)
        # The task is still in work while its children are put down, so they cannot open it again ...
        row.state = TaskState.TODO
        self.put(list(result.outcome.children))
        row.state = result.state
        if result.state is TaskState.DONE and children and depth < claim.task.depth:
            # ... but a way that was found during the visit does.
            row.state = TaskState.TODO
        if row.state is TaskState.TODO:
            row.due = self.now + result.wait_ms

    @rule(name=WORKERS)
    def release(self, name: str) -> None:
        self.frontiers[name].release(name, self.held[name])
        for claim in self.held[name]:
            row = self.model[claim.task.identity[:2]]
            if row.owner == name:
                row.owner = None
        self.held[name].clear()

    @rule(name=WORKERS)
    def revive(self, name: str) -> None:
        ended = [row for row in self.model.values() if row.state in {TaskState.GONE, TaskState.DONE}]
        assert self.frontiers[name].revive({TaskState.GONE, TaskState.DONE}) == len(ended)
        for row in ended:
            row.state, row.due = TaskState.TODO, self.now

    @invariant()
    def nothing_else_is_stored(self) -> None:
        with self.store.database.read() as connection:
            found = rows(connection, "SELECT id FROM users WHERE source = ?", [self.source])
            stored = rows(
                connection,
                "SELECT kind, id, depth, priority, state FROM tasks WHERE source = ?",
                [self.source],
            )
        assert {id_ for (id_,) in found} == self.facts
        assert {(kind, id_): tuple(rest) for kind, id_, *rest in stored} == {
            identity: (row.depth, row.priority, row.state.value) for identity, row in self.model.items()
        }


def test_any_order_of_steps(store: Store) -> None:
    class OnThisStore(Frontiers):
        pass

    OnThisStore.store = store
    run_state_machine_as_test(
        OnThisStore,
        settings=settings(
            max_examples=25,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
