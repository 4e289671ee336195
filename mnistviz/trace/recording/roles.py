"""What each array is for, found from the run: input, parameter, activation, gradient or constant.

A parameter is updated in place, or returned under its old name.  What is added to it is a change.  The
gradient starts at the last value that every change depends on (the error at the output: each change
comes from it, and nothing later is common to all), and goes on through all that leads from there to a
change.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mnistviz.operations import UPDATES
from mnistviz.trace.memory import Snapshot
from mnistviz.trace.model import Role
from mnistviz.trace.recording.operands import Mention
from mnistviz.trace.recording.outputs import Draft

LONGEST = 10_000  # operations of which each may be made from each other one: bits, in all


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
        found = [m for draft in drafts for m in (*draft.inputs, *draft.outputs)] + list(arguments)
        seen = {m.snapshot.id: m.snapshot for m in found}
        seen.update({m.before.id: m.before for m in found if m.before is not None})
        seen.update({snapshot.id: snapshot for snapshot in returned})
        self.snapshots = dict(sorted(seen.items()))
        self.before = {m.snapshot.id: m.before.id for m in found if m.before is not None}
        self.reach = self._reach()

    def _reach(self) -> dict[int, int]:
        """All that a snapshot is made from, itself too, as a set of bits; nothing in a very long run."""
        reach: dict[int, int] = {}
        if len(self.drafts) > LONGEST:
            return reach
        for draft in self.drafts:
            ids = [m.snapshot.id for m in draft.inputs]
            ids += [m.before.id for m in draft.outputs if m.before is not None]
            together = 0
            for one in ids:
                together |= reach.setdefault(one, 1 << one)
            for output in draft.outputs:
                reach[output.snapshot.id] = together | 1 << output.snapshot.id
        return reach

    def parameters(self) -> set[int]:
        """Arguments and reached arrays that were updated, in all their versions."""
        found: set[int] = set()
        for after, before in self.before.items():
            if self.snapshots[after].origin in ("argument", "outside"):
                found |= {after, before}
        for snapshot in self.snapshots.values():
            if snapshot.changed_by is not None and snapshot.origin in ("argument", "outside"):
                found |= {one.id for one in self.snapshots.values() if one.name == snapshot.name != ""}
        found |= self._assigned_again() | self._attributes_updated()
        for new in self.returned:
            old = self.arguments.get(new.name)
            if old is not None and old.id != new.id and self._continues(new, old):
                found |= {old.id, new.id}
        return found

    def _continues(self, new: Snapshot, old: Snapshot) -> bool:
        """Whether one array is made from the other and has its shape."""
        return new.array.shape == old.array.shape and bool(self.reach.get(new.id, 0) >> old.id & 1)

    def _assigned_again(self) -> set[int]:
        """`self.w = self.w - ...`: an attribute or item that gets a new array, made from the old one."""
        reached = [one for one in self.snapshots.values() if one.origin == "outside"]
        held = {one.name: one for one in reached if "." in one.name or "[" in one.name}
        found: set[int] = set()
        for new in (draft.outputs[0].snapshot for draft in self.drafts):
            old = held.get(new.name)
            if old is not None and self._continues(new, old):
                found |= {old.id, new.id}
        return found

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
        """Changes, and what leads to them from the error at the output; none are looked for in a very long run."""
        if len(self.drafts) > LONGEST:
            return set()
        bursts: dict[tuple[int, ...], list[int]] = {}
        for one in self._changes(parameters):
            made_by = self.snapshots[one].made_by
            if one not in parameters and made_by is not None:
                bursts.setdefault(self.drafts[made_by].source.passes, []).append(one)
        return {found for computed in bursts.values() for found in self._gradients_of(computed, parameters)}

    def _gradients_of(self, computed: list[int], parameters: set[int]) -> set[int]:
        """Of the changes that are made in one pass of a training loop."""
        common, every = self.reach[computed[0]], 0
        for one in computed:
            common &= self.reach[one]
            every |= self.reach[one]
        starts = [one for one in _bits(common) if self._depends(one, parameters)] or computed
        seeds = self._back_to_error(max(starts), parameters)
        return {
            one
            for one in _bits(every)
            if one not in parameters
            and (one in computed or any(self.reach[one] >> seed & 1 for seed in seeds))
        }

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

    def _depends(self, one: int, parameters: set[int]) -> bool:
        made = self.snapshots[one].made_by is not None and one not in parameters
        return made and any(one != other and other in parameters for other in _bits(self.reach[one]))

    def _back_to_error(self, start: int, parameters: set[int]) -> set[int]:
        """From a gradient back to the difference between what came out and what was wanted."""
        path, waiting = {start}, [start]
        found = False
        while waiting:
            made_by = self.snapshots[waiting.pop()].made_by
            inputs = [m.snapshot.id for m in self.drafts[made_by].inputs] if made_by is not None else []
            depending = [one for one in inputs if one in self.reach and self._depends(one, parameters)]
            if made_by is not None and self.drafts[made_by].name == "subtract" and len(depending) < 2:
                found = True
                continue
            for one in depending:
                if one not in path:
                    path.add(one)
                    waiting.append(one)
        return path if found and len(path) <= 6 else {start}


def _bits(numbers: int) -> Iterator[int]:
    while numbers:
        low = numbers & -numbers
        yield low.bit_length() - 1
        numbers ^= low
