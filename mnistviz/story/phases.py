"""The phases of what is learned: what some operations do, taken together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mnistviz.story.storyboard import Phase

FEW = 5  # operations of a statement, not of a function that does several things
STATEMENT = 12  # operations of a statement that may do much besides: the slope of a sigmoid
UPDATE_SHARE = 0.34  # of a chapter's operations, from which it is told as an update


@dataclass(frozen=True)
class Learning:
    """The phase of each operation, by number; what has none is on the way forward."""

    phases: Mapping[int, Phase]
    errors: frozenset[int]
    updates: frozenset[int]
    last_use: Mapping[int, int]  # of what an operation makes, by another operation
    leading: frozenset[int]  # operations that lead to an error or to what is written
    adding_up: frozenset[int]  # sums and products of matrices

    def is_aside(self, numbers: Sequence[int]) -> bool:
        """Whether nothing is learned from some operations: a sample, a test, which is only looked at."""
        return self.leading.isdisjoint(numbers)

    def phase_of(self, numbers: Sequence[int]) -> Phase:
        """What some operations do, taken together."""
        phases = [self._phase(number) for number in numbers]
        counts = Counter(phases)
        if (phases[-1] == "update" and len(phases) <= FEW) or counts["update"] >= UPDATE_SHARE * len(phases):
            return "update"
        ends = max(numbers)
        kept = all(self.last_use.get(n, 0) <= ends for n in numbers if self._phase(n) == "backward")
        if phases[-1] == "update" and kept:
            return "update"
        if counts["error"] and (counts["backward"] < FEW or len(phases) <= STATEMENT):
            return "backward" if self._goes_on_back(numbers, phases) else "error"
        if phases[-1] in ("backward", "update"):
            return "backward"
        after = min(numbers) > max(self.errors)
        return (
            "backward"
            if counts["backward"] and (after or 2 * counts["backward"] > len(phases))
            else "forward"
        )

    def _goes_on_back(self, numbers: Sequence[int], phases: Sequence[Phase]) -> bool:
        """Whether most of it goes back from an error that was told before and is computed again: `x * (y - t)`."""
        again = min(numbers) > min(self.errors) and phases[-1] == "backward"
        return (
            again
            and phases.count("backward") >= phases.count("error")
            and not self.adding_up.isdisjoint(numbers)
        )

    def _phase(self, number: int) -> Phase:
        return self.phases.get(number, "forward")
