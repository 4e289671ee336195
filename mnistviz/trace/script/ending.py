"""What of a script is told once it is over, or has failed."""

from __future__ import annotations

from mnistviz.trace.script.cutting import Piece, cut
from mnistviz.trace.script.following import with_following
from mnistviz.trace.script.loops import Loop, only_adds
from mnistviz.trace.script.reading import hands_on, rewrites
from mnistviz.trace.script.scout import RunEnded, Scout

FEW_PASSES = 9  # of a loop that hands on single numbers: it is told with the rest of the script


def failing(scout: Scout) -> Piece | None:
    """What is being recorded on purpose, where the script fails in it."""
    if scout.wish.everything:
        return scout.whole
    if scout.spot is not None:
        return scout.spot
    return scout.target.piece if scout.target is not None and scout.target.piece is not None else None


def is_satisfied(scout: Scout) -> bool:
    """Whether what was recorded will do, should the script end now."""
    return scout.whole is not None and scout.target is None and bool(scout.whole.recording.drafts)


def take_kept(scout: Scout) -> bool:
    """Tell the first pass where none is to come that has more to show; whether there is one."""
    if scout.kept is None or scout.trace is not None:
        return False
    with_following(scout.kept.piece)
    scout.chosen, scout.trace = scout.kept.piece, cut(scout.kept.piece, scout.carried)
    return True


def take_sum(scout: Scout) -> bool:
    """Where the script ends early, tell the loop that only adds up, which was left for one to come; whether there is one."""
    found = [one for one in scout.loops.values() if one.carried and only_adds(one, one.carried)]
    if scout.target is not None or not found:
        return take_kept(scout)
    try:
        outer = min(found, key=lambda one: one.depth)
        scout.decide(outer, outer.carried)
    except RunEnded:
        return True
    return take_kept(scout)


def conclude(scout: Scout) -> None:
    """The script is over: take what there is, where a loop hands anything on."""
    loops = scout.loops.values()
    long = [one for one in loops if one.passes > FEW_PASSES]
    long = [one for one in long if one.numbers or (one.done is not None and hands_on(one.site.node))]
    found = [one for one in loops if one.carried] or long
    if found and scout.target is None and scout.wish.line is None and not scout.wish.everything:
        outer = min(found, key=lambda one: (only_adds(one, one.carried), one.depth))
        scout.decide(outer, outer.carried or outer.numbers)
    if scout.kept is not None:
        return
    if scout.wish.line is None and scout.wish.number is None:  # no pass of it is to come
        scout.target = None
    if scout.whole is None and scout.target is None and not scout.wish.everything:
        _take_a_pass(scout)


def _take_a_pass(scout: Scout) -> None:
    """Where all of a script is too much and no loop hands on arrays (lists, perhaps): one pass of one."""
    closed = [(one, one.done) for one in scout.loops.values() if one.done is not None]
    if scout.wish.line is None and closed:
        scout.target, piece = min(closed, key=lambda pair: (not _may_hand_on(pair[0]), pair[0].depth))
        scout.finish(piece)


def _may_hand_on(loop: Loop) -> bool:
    """Whether a loop hands something on as far as its text says: not where it only fills arrays in."""
    return rewrites(loop.site.node) or hands_on(loop.site.node)
