"""What each array is for, found from the run: input, parameter, activation, gradient or constant.

A parameter is updated in place, or returned under its old name.  What is added to it is a change.  The
gradient starts at the last value that every change depends on (the error at the output: each change
comes from it, and nothing later is common to all), and goes on through all that leads from there to a
change.  What a snapshot is made from has a smaller id: each search goes back no further than it must, so that
a run of many passes takes as long as its passes together.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Iterator, Sequence

from mnistviz.operations import UPDATES
from mnistviz.trace.memory import Snapshot
from mnistviz.trace.model import Role
from mnistviz.trace.recording.operands import Mention
from mnistviz.trace.recording.outputs import Draft

LONG = 10_000  # operations; in a longer run each pass looks back over no more than
NEAR = 2_000  # snapshots
MOST_COMPARED = 512  # changes of one pass


def roles_of(
    drafts: Sequence[Draft], arguments: Sequence[Mention], returned: Sequence[Snapshot]
) -> dict[int, Role]:
    """The role of each snapshot, by its id."""
    flow = _Flow(drafts, arguments, returned)
    roles: dict[int, Role] = {}
    parameters = flow.parameters()
    gradients = flow.gradients(parameters)
    for snapshot in flow.snapshots.values():  # in the order of their ids: a source before its view
        roles[snapshot.id] = flow.role(snapshot, roles, parameters, gradients)
    return roles


class _Flow:
    """Which snapshot is made from which."""

    def __init__(
        self, drafts: Sequence[Draft], arguments: Sequence[Mention], returned: Sequence[Snapshot]
    ) -> None:
        self.drafts = drafts
        self.arguments = {mention.name: mention.snapshot for mention in arguments}
        self.returned = returned
        seen = {one.id: one for one in (*returned, *(mention.snapshot for mention in arguments))}
        self.before: dict[int, int] = {}
        self.parents: dict[int, list[int]] = {}
        for draft in drafts:
            given = [mention.snapshot for mention in draft.inputs]
            ids = [one.id for one in given]
            seen.update(zip(ids, given, strict=True))
            for mention in draft.outputs:
                made, before = mention.snapshot, mention.before
                seen[made.id] = made
                self.parents[made.id] = ids
                if before is not None:
                    seen[before.id] = before
                    self.before[made.id] = before.id
                    ids.append(before.id)
        self.snapshots = dict(sorted(seen.items()))
        self.near = NEAR if len(drafts) > LONG else len(self.snapshots)

    def made_from(self, sources: set[int]) -> dict[int, int]:
        """Which of the sources each snapshot is made from, itself too, as bits; none where it is of none."""
        found = {one: 1 << place for place, one in enumerate(sorted(sources))}
        for one, parents in self.parents.items() if sources else ():
            bits = found.get(one, 0)
            for parent in parents:
                bits |= found.get(parent, 0)
            if bits:
                found[one] = bits
        return found

    def parameters(self) -> set[int]:
        """Arguments and reached arrays that were updated, in all their versions."""
        found: set[int] = set()
        for after, before in self.before.items():
            if self.snapshots[after].origin in ("argument", "outside"):
                found |= {after, before}
        changed = [one for one in self.snapshots.values() if one.changed_by is not None]
        names = {one.name for one in changed if one.origin in ("argument", "outside")} - {""}
        found |= {one.id for one in self.snapshots.values() if one.name in names}
        found |= self._attributes_updated()
        again = [*self._assigned_again(), *self._returned_again()]
        reach = self.made_from({old.id for _, old in again})
        places = {one: place for place, one in enumerate(sorted({old.id for _, old in again}))}
        for new, old in again:
            if reach.get(new.id, 0) >> places[old.id] & 1:
                found |= {old.id, new.id}
        return found

    def _returned_again(self) -> Iterator[tuple[Snapshot, Snapshot]]:
        """What is returned under an argument's name, with its shape; and the argument."""
        for new in self.returned:
            old = self.arguments.get(new.name)
            if old is not None and old.id != new.id and new.array.shape == old.array.shape:
                yield new, old

    def _assigned_again(self) -> Iterator[tuple[Snapshot, Snapshot]]:
        """`self.w = self.w - ...`: an attribute or item that gets a new array of its shape; and the old one."""
        reached = [one for one in self.snapshots.values() if one.origin == "outside"]
        held = {one.name: one for one in reached if "." in one.name or "[" in one.name}
        for new in (draft.outputs[0].snapshot for draft in self.drafts) if held else ():
            old = held.get(new.name)
            if old is not None and new.array.shape == old.array.shape:
                yield new, old

    def _attributes_updated(self) -> set[int]:
        """`self.w -= ...`, also where `self.w` was made during the run."""
        names = {
            draft.outputs[0].name
            for draft in self.drafts
            if draft.name in UPDATES
            and draft.outputs[0].before is not None
            and "." in draft.outputs[0].name.partition("[")[0]
        }
        return {one.id for one in self.snapshots.values() if one.name in names}

    def gradients(self, parameters: set[int]) -> set[int]:
        """Changes, and what leads to them from the error at the output."""
        depending = self._depending(parameters)
        bursts: dict[tuple[int, ...], list[int]] = {}
        for one in self._changes(parameters):
            made_by = self.snapshots[one].made_by
            if one not in parameters and made_by is not None:
                bursts.setdefault(self.drafts[made_by].way.turns, []).append(one)
        found: set[int] = set()
        for computed in bursts.values():
            found |= self._gradients_of(list(dict.fromkeys(computed)), depending) - parameters
        return found

    def _depending(self, parameters: set[int]) -> set[int]:
        """What is made from a parameter, and is none."""
        found = set(parameters)
        for one, parents in self.parents.items():
            if not found.isdisjoint(parents):
                found.add(one)
        return found - parameters

    def _gradients_of(self, computed: list[int], depending: set[int]) -> set[int]:
        """Of the changes that are made in one pass of a training loop."""
        start = self._common(computed, depending)
        seeds = self._back_to_error(max(computed) if start is None else start, depending)
        first = min(seeds)
        since = list(itertools.takewhile(lambda one: one >= first, self._back(computed)))
        led: set[int] = set()
        for one in reversed(since):  # the first one first
            if one in seeds or not led.isdisjoint(self.parents.get(one, ())):
                led.add(one)
        return led.union(computed)

    def _common(self, computed: list[int], depending: set[int]) -> int | None:
        """The last value that all of them are made from, and that is made from a parameter."""
        step = -(-len(computed) // MOST_COMPARED)
        bits = {one: 1 << place for place, one in enumerate(computed[::step])}
        every = (1 << len(bits)) - 1
        for one in self._back(list(bits)):
            if bits[one] == every and one in depending:
                return one
            for parent in self.parents.get(one, ()):
                bits[parent] = bits.get(parent, 0) | bits[one]
        return None

    def _back(self, starts: list[int]) -> Iterator[int]:
        """What they are made from, themselves too, the last one first; in a long run only what is near."""
        waiting = [-one for one in starts]
        heapq.heapify(waiting)
        seen = set(starts)
        for _ in range(self.near + len(starts)):
            if not waiting:
                return
            one = -heapq.heappop(waiting)
            yield one
            for parent in self.parents.get(one, ()):
                if parent not in seen:
                    seen.add(parent)
                    heapq.heappush(waiting, -parent)

    def role(
        self, snapshot: Snapshot, roles: dict[int, Role], parameters: set[int], gradients: set[int]
    ) -> Role:
        """The role of one snapshot, once those before it are known."""
        if snapshot.id in parameters:
            return "parameter"
        if snapshot.origin == "constant":
            return "constant"
        if snapshot.origin in ("argument", "outside"):
            return "input" if snapshot.origin == "argument" or snapshot.array.ndim else "constant"
        if snapshot.view_of in roles and snapshot.id not in self.before:
            return roles[snapshot.view_of]
        if snapshot.id in gradients:
            return "gradient"
        draft = self.drafts[snapshot.made_by] if snapshot.made_by is not None else None
        sources = [roles.get(m.snapshot.id) for m in draft.inputs] if draft else []
        return "constant" if all(one == "constant" for one in sources) else "activation"

    def _changes(self, parameters: set[int]) -> Iterator[int]:
        for draft in self.drafts:
            if draft.name not in UPDATES:
                continue
            output = draft.outputs[0]
            ids = [m.snapshot.id for m in draft.inputs]
            if output.before is not None and output.snapshot.id in parameters:
                yield from (one for one in ids if one != output.before.id)
            elif output.snapshot.id in parameters and parameters & set(ids):
                yield from ids

    def _back_to_error(self, start: int, depending: set[int]) -> set[int]:
        """From a gradient back to the difference between what came out and what was wanted."""
        path, waiting = {start}, [start]
        found = False
        while waiting and len(path) <= 6:
            made_by = self.snapshots[waiting.pop()].made_by
            inputs = [m.snapshot.id for m in self.drafts[made_by].inputs] if made_by is not None else []
            wanted = [one for one in inputs if one in depending]
            if made_by is not None and self.drafts[made_by].name == "subtract" and len(wanted) < 2:
                found = True
                continue
            for one in wanted:
                if one not in path:
                    path.add(one)
                    waiting.append(one)
        return path if found and len(path) <= 6 else {start}
