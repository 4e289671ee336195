"""A long statement in its terms: what its outermost operation takes, and where one of these is long, what that takes.

in_terms(run, most) -> the run in at most so many runs, each of one expression of the statement
"""

from __future__ import annotations

from mnistviz.operations import definition
from mnistviz.trace.model import Operation, Span

Run = tuple[Operation, ...]
FEWEST_LOOKED_INTO = 8  # operations of a statement


def in_terms(run: Run, most: int) -> list[Run]:
    """At most so many runs, the longest opened first; one where the run is short, or more than a statement."""
    depth = len(run[-1].source.calls)
    if len(run) < FEWEST_LOOKED_INTO or not _is_of_one_statement(run, depth):
        return [run]
    found = [run]
    closed: set[Run] = set()
    while True:
        longest = max((one for one in found if one not in closed), key=len, default=())
        if len(longest) < 3:
            return found
        terms = _opened(longest, depth)
        if 1 < len(terms) <= most - len(found) + 1:
            place = found.index(longest)
            found[place : place + 1] = terms
        else:
            closed.add(longest)


def _is_of_one_statement(run: Run, depth: int) -> bool:
    last = run[-1].source
    return all(
        one.source.calls[:depth] == last.calls
        and one.source.passes[: len(last.passes)] == last.passes
        and _span(one, depth).lies_in(last.statement)
        for one in run
    )


def _opened(run: Run, depth: int) -> list[Run]:
    """What the last operation of a run takes, each with all that makes it; what is only read goes with what takes it."""
    terms: list[list[Operation]] = []
    for one in reversed(run[:-1]):
        if terms and _span(one, depth).lies_in(_span(terms[-1][-1], depth)):
            terms[-1].insert(0, one)
        else:
            terms.append([one])
    found: list[Run] = []
    waiting: Run = ()
    for term in [*reversed(terms), [run[-1]]]:
        waiting = (*waiting, *term)
        if term[-1] is run[-1] or any(
            definition(one.operation).pace != "quick" and one.operation != "getitem" for one in term
        ):
            found.append(waiting)
            waiting = ()
    return found


def _span(one: Operation, depth: int) -> Span:
    """Where it stands in the function at a depth of calls: the call that leads to it, or itself."""
    calls = one.source.calls
    return calls[depth] if len(calls) > depth else one.source.expression
