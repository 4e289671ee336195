"""The author's comments as sentences: without banners, directives, and code that was put out."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

LONGEST_REMARK, WHOLE_REMARK = 14, 18  # words of a comment that is cut, and of one that need not be

PRINTS = re.compile(
    r"print\s+([\"'].*|[\w.\[\]]+)$"
)  # as Python 2 had it; with more words it may be a sentence


def words_of(comment: str) -> str:
    """A comment's words; "" for a banner, a directive or code that was put out."""
    text = comment.strip().lstrip("#!").strip(" -=*#~_")
    if re.match(r"(noqa|type:|pylint|fmt:|pragma|TODO|FIXME|%%|In\[)", text) or not re.search(
        r"[^\W\d_]{2}", text
    ):
        return ""
    if PRINTS.match(text):
        return ""
    try:
        ast.parse(text)
    except (SyntaxError, ValueError):
        return text
    return "" if re.search(r"[=(\[]", text) else text


def as_sentences(lines: Sequence[str]) -> str:
    """Lines of a comment as one text: where a line begins anew, the one before ends."""
    said = ""
    for text in lines:
        ends = (
            said and text[0].isupper() and not text[:2].isupper() and (said[-1].isalnum() or said[-1] == ")")
        )
        said += f"{'.' if ends else ''} {text}"
    return said.strip()


def in_string(line: str) -> bool:
    """Whether the first `#` of a line is inside of a text."""
    before = line.split("#", 1)[0]
    return before.count('"') % 2 == 1 or before.count("'") % 2 == 1


def cut_words(text: str) -> str:
    """A comment that is not too long to be read, cut where it is."""
    words = text.split()
    if len(words) <= WHOLE_REMARK:
        return " ".join(words)
    return " ".join(words[:LONGEST_REMARK]).rstrip(",;:.") + "…"
