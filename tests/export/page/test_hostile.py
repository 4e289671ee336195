# ruff: noqa: E501
"""Words of a scene that look like mark-up, script, links or control characters: text, and nothing else."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import html5lib
import pytest

from mnistviz.export.listings import caption_cues
from mnistviz.export.page.build import _UNFIT
from mnistviz.story.storyboard import Chapter, Shot, Storyboard, check
from mnistviz.story.timeline import Timeline, schedule
from mnistviz.trace.model import Operation, SourceFile, Trace, Value
from tests.export.page import demo
from tests.export.page.conftest import Opener

STRINGS = [
    "<script>pwned=1</script>", "</script><script>pwned=1</script>", "</SCRIPT ><script>pwned=1//", "<!--<script>",
    "--><script>pwned=1</script>", "<![CDATA[<b>x</b>]]>", "]]><b>", "<img src=x onerror=pwned=1>", "<svg/onload=pwned=1>",
    "<svg><script>pwned=1</script></svg>", "<body onload=pwned=1>", "<iframe src=javascript:pwned=1>", "<base href=//evil.test/>",
    "<meta http-equiv=refresh content=0;url=//evil.test>", "<link rel=stylesheet href=//evil.test/x.css>", "<style>*{display:none}</style>",
    "</style><script>pwned=1</script>", "</title><script>pwned=1</script>", "</textarea><b>", "</pre></code><b>x</b>",
    "\" onmouseover=\"pwned=1", "' onmouseover='pwned=1", "\"><script>pwned=1</script>", "'><script>pwned=1</script>", "` onfocus=pwned=1",
    "\" autofocus onfocus=\"pwned=1", "javascript:pwned=1", "JaVaScRiPt:pwned=1", "data:text/html,<script>pwned=1</script>", "vbscript:x",
    "{{ 7 * 7 }}", "{% for x in y %}", "{# hidden #}", "{{ self.__init__.__globals__ }}", "${7*7}", "#{7*7}", "<%= 7*7 %>", "%s %d %(x)s",
    "&lt;b&gt;", "&amp;amp;", "&#60;script&#62;", "&nbsp;&copy;&notit;", "&", "<", ">", "\"", "'", "\\", "\\u003cscript\\u003e", "\\\"",
    "a\nb", "a\r\nb", "a\tb", "nul\0byte", "bell\x07", "\x1b[31mred", "\x85next", "\ufffe\uffff", "\u2028line\u2029",
    "\u202eright to left", "zero\u200bwidth", "emoji 🧠 𝕊", "ﷺ", "00:00:01.000 --> 00:00:09.000", "WEBVTT", "NOTE x\n\n1\n", "<v Bob>hi</v>",
    "<c.red>x", "__proto__", "constructor", "=1+1", "a=b;c#d", "../../etc/passwd", "file:///etc/passwd", "//evil.test/x.png", "x" * 3000,
    "<" * 200, "<a href=//evil.test>", "<form action=//evil.test><input autofocus>", "<video src=//evil.test>", "<math><mi//xlink:href=x>",
]  # fmt: skip


def hostile_timeline() -> Timeline:
    """Every string as a title, a caption, a note, a matrix's name, an expression and a line of source."""
    trace = hostile_trace()
    chapters = tuple(
        Chapter(number, text, "forward", text, (
            Shot(text, "plain", text, (number - 1,), (number - 1,), act_ticks=2, rest_ticks=2, note=text),))
        for number, text in enumerate(STRINGS, start=1)
    )  # fmt: skip
    return schedule(check(Storyboard(STRINGS[1], "hostile", trace, chapters, subtitle=STRINGS[22])))


def hostile_trace() -> Trace:
    """One operation for each string, standing on the lines of the source that hold it."""
    pattern = demo.lesson().making("hidden_neurons_20x1")
    text, operations, values = "", [], {}
    for number, string in enumerate(STRINGS):
        first = len(text.splitlines()) + 1
        text += string + " .\n"
        span = replace(
            pattern.source.expression,
            file="<b>x</b>.py",
            first_line=first,
            first_column=0,
            last_line=first,
            last_column=1,
        )
        source = replace(pattern.source, expression=span, statement=span, function_span=span)
        output = Value(1000 + number, string, "activation", pattern.output.value)
        operations.append(
            Operation(number, string, string, pattern.inputs[:0], output, source, (("index", string),))
        )
        values[number] = output
    return Trace("hostile", tuple(operations), (SourceFile("<b>x</b>.py", text),))


def harmless_timeline() -> Timeline:
    timeline = hostile_timeline()
    board = demo.retold(timeline.storyboard, "plain words")
    trace = board.trace
    operations = tuple(
        replace(one, operation="add", expression="x", output=replace(one.output, name="x"), parameters=())
        for one in trace.operations
    )
    lines = len(trace.sources[0].lines)
    return schedule(
        replace(
            board,
            trace=replace(trace, operations=operations, sources=(SourceFile("<b>x</b>.py", "x\n" * lines),)),
        )
    )


def parsed(document: bytes) -> Any:
    return html5lib.HTMLParser(strict=True).parse(document.decode(), scripting=True)


def fit(text: str) -> str:
    """Without what HTML cannot hold, and spaces made one, as a reader sees it."""
    return " ".join(_UNFIT.sub("\ufffd", text.replace("\r\n", "\n")).split())


def test_there_are_enough_strings() -> None:
    assert len(set(STRINGS)) >= 60


def test_hostile_words_are_text_and_nothing_else() -> None:
    document = demo.page(demo.film(hostile_timeline()))
    tree, plain = parsed(document), parsed(demo.page(demo.film(harmless_timeline())))

    def shape(one: Any) -> Counter[tuple[str, tuple[str, ...]]]:
        # Pygments marks tokens by spans, and their number depends on the code.
        return Counter(
            (str(node.tag), tuple(sorted(node.attrib))) for node in one.iter() if not _is_token(node)
        )

    assert shape(tree) == shape(plain)


def _is_token(node: Any) -> bool:
    return (
        node.tag.endswith("span") and re.fullmatch(r"[a-z]{1,3}\d?", node.attrib.get("class", "")) is not None
    )


@pytest.mark.needs("chromium")
def test_hostile_words_are_read_as_written(visit: Opener, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "index.html").write_bytes(demo.page(demo.film(hostile_timeline())))
    for name in (*demo.FILMS.values(), "poster.png"):
        (tmp_path / name).symlink_to(folder / name)
    (tmp_path / "stills").mkdir()
    still = next((folder / "stills").iterdir()).read_bytes()
    for number in range(1, len(STRINGS) + 1):
        (tmp_path / "stills" / f"step-{number:02d}-01.webp").write_bytes(still)
    seen = visit(tmp_path)
    texts = seen.page.evaluate("""() => [...document.querySelectorAll('.chapters tbody')].map((body) => {
      const step = document.querySelector(`.transcript [data-step="${body.dataset.chapter}.1"]`);
      return [body.querySelector('.title'), body.querySelector('.caption'), body.querySelector('li .moment'),
        step.querySelector('.said'), step.querySelector('.note'), step.querySelector('.shapes span:last-child')]
        .map((node) => node ? node.textContent : '');
    })""")
    for string, (title, caption, step, said, note, shapes) in zip(STRINGS, texts, strict=True):
        for text in (title, caption, step, said, note):
            assert fit(text) == fit(string)
        assert fit(shapes) == fit(f"{string} 20 × 1")
    lines = seen.page.locator(".code code").all_text_contents()
    assert [fit(line) for line in lines] == [
        fit(line.replace("\r", " ")) for line in hostile_timeline().storyboard.trace.sources[0].lines
    ]
    cues = "[...document.getElementById('video').textTracks[0].cues].map((cue) => cue.getCueAsHTML().textContent)"
    said = seen.page.evaluate(cues)
    # U+FFFF is no character, and Chromium ends a cue there.
    assert said == [cue.text.replace("\uffff", "") for cue in caption_cues(hostile_timeline())]
    for key in (*["ArrowRight"] * 4, "c", "l"):
        seen.page.keyboard.press(key)
        seen.settled()
    assert seen.page.evaluate("typeof pwned") == "undefined"
    assert seen.errors == []
    assert all(url.startswith((tmp_path.as_uri(), "data:")) for url in seen.requests)


@pytest.mark.needs("chromium")
def test_hostile_names_of_matrices_are_text_in_the_panel(visit: Opener, folder: Path, tmp_path: Path) -> None:
    timeline = hostile_timeline()
    (tmp_path / "index.html").write_bytes(demo.page(demo.film(timeline)))
    for name in (*demo.FILMS.values(), "stills", "poster.png"):
        (tmp_path / name).symlink_to(folder / name)
    seen = visit(tmp_path)
    for place in range(0, 40, 9):
        seen.go(timeline.clips[place].rest_start / 10)
        assert seen.page.locator("#cells-matrix *").evaluate_all(
            "(all) => all.every((one) => one.tagName === 'OPTION')"
        )
        seen.page.select_option("#cells-matrix", index=1)
        name = seen.page.locator("#cells-name")
        assert fit(name.text_content() or "") == fit(f"{STRINGS[place]}[0, 0]")
        assert name.locator("*").count() == 0
    assert seen.page.evaluate("typeof pwned") == "undefined"
