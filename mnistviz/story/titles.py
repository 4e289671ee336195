"""What chapters and shots are called: what they do, with the names of the run, and no two alike."""

from __future__ import annotations

import ast
import builtins
import re
from collections import Counter
from collections.abc import Mapping, Sequence

from mnistviz.operations import CREATIONS, definition
from mnistviz.story.deeds import Makers, deed, deed_of
from mnistviz.story.ideas import Idea
from mnistviz.story.making import (
    UNNAMED,
    ending,
    given_back,
    made_by,
    named_where_it_stands,
    outliving,
    taken_by,
    telling,
)
from mnistviz.story.phrases import idea_caption, is_gone_through
from mnistviz.story.quoting import LIBRARY, LONGEST, Quotes, fitting, without_library
from mnistviz.story.referring import listed, meant, path_end, shortened
from mnistviz.story.shortening import DOTS
from mnistviz.story.structure import Part
from mnistviz.story.tree import DEFINITIONS, Tree
from mnistviz.trace.model import Operation, Source, Span, Trace

LONGEST_SUMMARY = 60
GIVEN = ("array", "asarray")  # what is made of numbers that the source gives
BUILTINS = frozenset(dir(builtins))  # list, map, sum: they say nothing of what is done
MOST_CALLED = 2  # functions that are named in a title
MOST_LISTED = 4  # names
ENDINGS = {1: "st", 2: "nd", 3: "rd"}  # of 21, not of 11
TIMES = (
    "again",
    "third time",
    *(f"{one}{ENDINGS.get(one % 10, 'th') if one > 20 else 'th'} time" for one in range(4, 100)),
)


class Titles:
    """Titles of one trace's chapters and shots."""

    def __init__(self, trace: Trace, trees: Mapping[str, Tree], ideas: Sequence[Idea]) -> None:
        self._trees = trees
        self._quotes = Quotes(trace, trees)
        self._ideas = {one.operations[0].number: one for one in ideas}
        self._endings = {one.operations[-1].number: one for one in ideas}
        self._expressions: dict[Span, set[Span]] = {}
        self._ends: dict[tuple[object, ...], Span] = {}  # last expressions, by statement, calls and passes
        for one in trace:
            source = one.source
            self._expressions.setdefault(source.statement, set()).add(source.expression)
            self._ends[source.statement, source.calls, source.passes] = source.expression
        self._inside = Counter(
            one.source.calls[:depth] for one in trace for depth in range(1, len(one.source.calls) + 1)
        )  # how many operations there are in each call
        functions = {one.source.function for one in trace}
        self._namesakes = Counter(map(_last_name, functions))
        self._taken: set[str] = set()

    def title(self, part: Part) -> str:
        """What a chapter is called, as no other one is."""
        return self._unique(self._plain(part), part)

    def summary(
        self, part: Part, made: Makers, written_back: Mapping[int, tuple[Operation, Operation]]
    ) -> str:
        """What a chapter computes: the last of it in words, what comes before it by name."""
        if part.shows:
            return f"What is {part.shows}, and nothing more"
        part = telling(part)
        named = named_where_it_stands(part)
        element = ending(part)
        each = self._quotes.is_of_element(element.source.expression)  # not the array that is gone through
        later = element.number > named[-1].number and len(element.source.calls) <= part.depth
        last = element if each or later else named[-1]
        _, computed = written_back.get(last.number, (last, last))
        idea = self._endings.get(last.number)
        does = deed(idea_caption(idea, made)) if idea is not None else ""
        does = does or deed_of(
            computed, made, lambda text: self._quotes.of_run(without_library(text), computed)
        )
        if not does or (last.operation in (*CREATIONS, *GIVEN) and len(made_by(part)) > 1):
            return self._expression(part, last, each)
        if each:
            return f"{does}, for each in turn"
        earlier = [one for one in named if one.source.statement != last.source.statement]
        first = [one.output.name for one in earlier if not is_gone_through(one)]
        before = list(dict.fromkeys(name for name in first if name not in ("", last.output.name)))
        before = [name for name in before if name.partition("[")[0] not in before or "[" not in name]
        return _after(before, does[:1].lower() + does[1:]) if before else does

    def _expression(self, part: Part, last: Operation, each: bool) -> str:
        """What is computed, as it is written."""
        names = [] if each else made_by(part)
        if len(names) > 1:  # no one expression is what all of them are
            return f"{listed(names)}, one after the other"
        text = shortened(self._quotes.of_run(without_library(last.expression), last), LONGEST_SUMMARY)
        return f"{names[0]}: {text}" if names and not text.startswith(names[0]) else text

    def of_operation(self, operation: Operation) -> str:
        """A shot's title: the name that is made, and how."""
        name, known = path_end(operation.output.name), definition(operation.operation)
        how = known.sign if known.infix and known.sign else meant(operation)
        text = without_library(operation.expression)
        return fitting(f"{name}: {how}" if name else text, operation.operation)

    def of_idea(self, idea: Idea) -> str:
        """The title of a shot that is an idea."""
        name = path_end(idea.result.name)
        return shortened(f"{name}: {idea.kind.name}" if name else idea.kind.name, LONGEST)

    def _plain(self, part: Part) -> str:
        made = listed(made_by(part))
        if part.shows:
            shown = listed(taken_by(part)) or made or part.operations[-1].expression
            return fitting(f"{part.shows}: {shown}", part.shows)
        if part.shared > 1:
            return self._of_several(part, made)
        own = self._own_run(part, (ast.BinOp, ast.UnaryOp))
        if own:
            return own
        of_a_call = self._own_run(part, (ast.Call,))
        whole, part = part, telling(part)
        made = listed(made_by(part))
        idea = self._ideas.get(part.operations[0].number)
        if idea is not None and idea.operations[-1] is part.operations[-1]:
            call = "" if idea.result.name else self._called(part) or self._text_of_call(part)
            return fitting(*([f"{call}: {idea.kind.name}"] if call else []), self.of_idea(idea))
        call = self._call(part)
        if call:
            return self._of_one_call(part, call)
        if of_a_call:
            return of_a_call
        last_one = ending(part)
        text = (
            self._of_term(part, last_one)
            or ("" if made else self._given_back(whole))
            or self._quotes.statement(last_one)
            or self._of_lambda(part, last_one)
        )
        if text and len(text) <= LONGEST:
            return text
        text = self._quotes.rewritten(last_one)
        if text:
            return text
        how, _ = self._ways(part)
        if not made or (" more" not in how and len(f"{made}: {how}") <= LONGEST):
            return self._short(part, made)
        taken = taken_by(part)  # there is more done with them than can be named
        froms = [f"{made} from {listed(taken)}"] if taken else []
        froms += [f"{made} from {', '.join(taken[:count])}, {DOTS}" for count in (2, 1) if count < len(taken)]
        return fitting(*froms, self._short(part, made))

    def _of_several(self, part: Part, made: str) -> str:
        """The title of a part that holds several statements."""
        called, names = self._within(part), made_by(part)
        text = self._quotes.statement(named_where_it_stands(part)[-1]) if len(names) == 1 else ""
        if text and len(text) <= LONGEST:
            return text
        told = [f"{called}: {made}"] if called and made else []
        left = outliving(names)[-1:] or names[-2:]
        short = [f"{called} → {listed(left)}"] if called and len(names) > MOST_LISTED else []
        looked = self._look_of(part) if not made and not called else ""
        return fitting(*told, *short, made or called or looked or _function(part))

    def _of_one_call(self, part: Part, call: str) -> str:
        """The title of a part that is a call, or hardly more."""
        given = self._targets(part) or given_back(part)
        made, last = listed(given), given[-1:]
        if not made:
            return fitting(self._called(part) or call, call)
        whole = f"{call} → {made}" if made != call else call
        return fitting(whole, *(f"{call} → {name}" for name in last), call)

    def _short(self, part: Part, made: str) -> str:
        text = without_library(part.operations[-1].expression)
        if not made and len(text) <= LONGEST:
            return text
        how, last = self._ways(part)
        if not made and how != last and self._gives_back(part):
            return fitting(self._text_of_call(part), how)
        single = made_by(part)[-1] if made else ""
        return fitting(
            *(f"{said}: {way}" for said in (made, single) if said for way in (how, last)), how, last
        )

    def _given_back(self, part: Part) -> str:
        """`norm(x - y)`, where a part is all that a function does, which gives it back without a name; else ""."""
        text = self._text_of_call(part) if self.is_all_of_a_call(part) and self._gives_back(part) else ""
        return text if len(text) <= LONGEST else ""

    def _gives_back(self, part: Part) -> bool:
        """Whether a part is what a function gives back, of a call on one line."""
        span = part.operations[-1].source.statement
        tree = self._trees.get(span.file)
        around = tree.around(span) if tree is not None else []
        return any(isinstance(one, ast.Return) for one in around) and bool(self._text_of_call(part))

    def _text_of_call(self, part: Part) -> str:
        """The call that a part is inside of, or the two, as the source has them on one line each; else ""."""
        around = slice(max(part.depth - 1, 0), part.depth)
        inside = list(dict.fromkeys(one.source.calls[around] for one in part.operations))
        calls = [call for (call,) in inside if call.first_line == call.last_line] if all(inside) else []
        if not calls or len(calls) < len(inside) or len(calls) > MOST_CALLED:
            return ""
        last = part.operations[-1]
        return listed([self._quotes.of_run(without_library(self._quotes.text(call)), last) for call in calls])

    def _ways(self, part: Part) -> tuple[str, str]:
        """What is done in a part: its operations and ideas, and the last of them."""
        names: list[str] = []
        end = -1  # of the idea that is being gone through
        for one in part.operations:
            idea = self._ideas.get(one.number)
            if idea is not None:
                names.append(idea.kind.name)
                end = idea.operations[-1].number
            elif one.number > end and definition(one.operation).pace != "quick":
                names.append(one.operation)
        names = names or [part.operations[-1].operation]
        return listed(list(dict.fromkeys(names))), names[-1]

    def _targets(self, part: Part) -> list[str]:
        """The names that the statement of a call gives to what comes of it."""
        calls = {
            one.source.calls[part.depth] for one in part.operations if part.depth < len(one.source.calls)
        }
        trees = [self._trees[call.file].around(call) for call in calls if call.file in self._trees]
        statements = {next((one for one in around if isinstance(one, ast.stmt)), None) for around in trees}
        statement = statements.pop() if len(statements) == 1 else None
        if not isinstance(statement, ast.Assign):
            return []
        names = [one for one in ast.walk(statement.targets[-1]) if isinstance(one, ast.Name | ast.Attribute)]
        stored = [ast.unparse(one) for one in names if isinstance(one.ctx, ast.Store)]
        return [name for name in stored if name not in UNNAMED] or [ast.unparse(statement.targets[-1])]

    def _look_of(self, part: Part) -> str:
        """`Q[s, n] …` of a part that looks at several arrays, one after the other."""
        first = without_library(part.operations[0].expression)
        return shortened(f"{first}, {part.operations[-1].expression}", LONGEST)

    def _within(self, part: Part) -> str:
        """The call that a part is inside of as a whole; "" where it is in none."""
        inside = {one.source.calls[part.depth - 1 : part.depth] for one in part.operations}
        call = next(iter(inside)) if part.depth and len(inside) == 1 else ()
        return self._callee(call[0]).removeprefix("self.") if call else ""

    def _call(self, part: Part) -> str:
        """`dense1.forward`, where a part is one call, or most of it is; "" where it is not."""
        sources = [one.source for one in part.operations]
        calls = Counter(one.calls[part.depth] for one in sources if part.depth < len(one.calls))
        several = list(dict.fromkeys(map(self._callee, calls)))
        if not calls or len(sources) < 2:
            return ""
        called, count = calls.most_common(1)[0]
        alike = len({self._callee(one) for one in calls}) == 1
        if count * 2 <= len(sources) and not (alike and sum(calls.values()) * 2 >= len(sources)):
            return ""
        if 1 < len(several) <= MOST_CALLED and all(several):
            return listed([name.removeprefix("self.") for name in several])
        inside = next(one for one in sources if one.calls[part.depth : part.depth + 1] == (called,))
        name = self._callee(called) or inside.function.rpartition(".")[2]
        direct = len(inside.calls) == part.depth + 1
        maker = self._maker(inside) if direct else ""
        if maker:
            return f"{_last_name(inside.function)} of {maker}"
        if direct and inside.function.endswith(".__call__") and inside.receiver not in ("", "self"):
            return inside.receiver
        owner = _receiver_in(part, inside.calls[: part.depth])
        if name.startswith("self.") and owner not in ("", "self"):
            return name.replace("self", owner, 1)
        receiver = _receiver_in(part, inside.calls[: part.depth + 1])
        if name.startswith("self.") or (receiver and "." in name):
            method = name.rpartition(".")[2]
            return f"{receiver}.{method}" if receiver not in ("", "self") else method
        return "" if name in BUILTINS else name

    def is_all_of_a_call(self, part: Part) -> bool:
        """Whether a part, inside of a call, is all that the call does, in all its passes."""
        ways = {one.source.calls[: part.depth] for one in part.all}
        return len(ways) == 1 and self._inside[ways.pop()] == len(part.all)

    def _own_run(self, part: Part, kinds: tuple[type[ast.expr], ...]) -> str:
        """`gx = conv2d(image, kx)`, where a part is all that a call does, or an operator of the author's own; else ""."""
        call = part.operations[0].source.calls[part.depth - 1] if self.is_all_of_a_call(part) else None
        tree = self._trees.get(call.file) if call is not None else None
        if call is None or tree is None:
            return ""
        node, *around = tree.around(call) or [tree.root]
        if not isinstance(node, kinds):
            return ""
        assigned = next((one for one in around[:1] if isinstance(one, ast.Assign)), None)
        if assigned is None and ast.Call in kinds:
            return ""
        text = " ".join(ast.unparse(assigned or node).split())
        return text if len(text) <= LONGEST and "self." not in text else ""

    def _called(self, part: Part) -> str:
        """A call as the source has it, `predict(data, 1)`, where the part is in one of one line; else ""."""
        calls = {one.source.calls[part.depth : part.depth + 1] for one in part.operations} - {()}
        call = next(iter(calls)) if len(calls) == 1 else ()
        text = self._quotes.text(call[0]) if call and call[0].first_line == call[0].last_line else ""
        return "" if text.startswith("self.") else LIBRARY.sub("", text)

    def _maker(self, source: Source) -> str:
        """The function that made the one that runs, where several make one of that name; else ""."""
        tree = self._trees.get(source.statement.file)
        if tree is None or self._namesakes[_last_name(source.function)] < 2:
            return ""
        around = [one for one in tree.around(source.statement) if isinstance(one, DEFINITIONS)]
        return around[1].name.strip("_") if len(around) > 1 and isinstance(around[1], ast.FunctionDef) else ""

    def _callee(self, call: Span) -> str:
        """What a call calls, as the source has it."""
        text = re.match(r"[\w.\[\]\"']+", self._quotes.text(call))
        return text.group() if text else ""

    def _of_term(self, part: Part, operation: Operation) -> str:
        """The expression, of a part of a statement that does more with it, or with all elements of a loop; else ""."""
        source, span = operation.source, operation.source.statement
        elsewhere = self._expressions[span] - {one.source.expression for one in part.all}
        later = self._ends[span, source.calls, source.passes] in elsewhere
        more = self._quotes.is_of_element(source.expression) and not all(
            map(self._quotes.is_of_element, elsewhere)
        )
        if self._quotes.gathered(span) or not (later or more):
            return ""
        text = self._quotes.of_run(without_library(operation.expression), operation)
        return text if len(text) <= LONGEST else ""

    def _of_lambda(self, part: Part, operation: Operation) -> str:
        """The call of a function that is written as an expression, `square(x - y)`; else ""."""
        return self._called(part) or self._text_of_call(part) if self._quotes.is_lambda(operation) else ""

    def _unique(self, title: str, part: Part) -> str:
        variables = [one for one in part.operations[0].source.variables if one]
        ends = [f" ({variables[-1]})"] if variables else []
        owner = part.operations[-1].source.receiver
        ends += [f" ({owner})"] if owner not in ("", "self") and owner not in title else []
        ends += [f" → {name}" for name in made_by(part)[-1:] if name not in title and "→" not in title]
        call = self._called(part)  # with what is given to it
        given = title.startswith(call.partition("(")[0]) and 0 < len(call) <= LONGEST
        tries = [("", title), *((end, title) for end in ends), *([("", call)] if given else [])]
        tries += [(f" ({time})", title) for time in TIMES]
        tries.sort(key=lambda one: len(one[0]) + len(one[1]) > LONGEST)  # what needs no cut first
        fitting = (shortened(whole, LONGEST - len(end)) + end for end, whole in tries)
        found = next((one for one in fitting if one not in self._taken), title)
        self._taken.add(found)
        return found


def _receiver_in(part: Part, calls: tuple[Span, ...]) -> str:
    """What a part's functions at the end of these calls run on: the caller's name of `self`."""
    return next((one.source.receiver for one in part.all if one.source.calls == calls), "")


def _after(names: Sequence[str], deed: str) -> str:
    """What is done once some arrays are there: `Work out Kx, then transpose it`, where it is one and stands alone."""
    alone = re.compile(rf"(?<=[a-z] ){re.escape(names[0])}(?=$|[,:]| (?:and|by|from|to|into|in|is) )")
    if len(names) == 1 and deed.count(names[0]) == 1:
        deed = alone.sub("it", deed)
    return f"Work out {listed(names)}, then {deed}"


def _last_name(function: str) -> str:
    return function.rpartition(".")[2]


def _function(part: Part) -> str:
    return part.operations[0].source.function.rpartition(".")[2]
