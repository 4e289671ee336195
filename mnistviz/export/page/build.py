"""Puts the page together: template, style, script and data in one file, its stills beside it."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from importlib.resources import files
from typing import Any

from jinja2 import BaseLoader, Environment, StrictUndefined, Template
from markupsafe import Markup
from pygments.formatters import HtmlFormatter

from mnistviz.errors import InputError
from mnistviz.export.laboratory import LABORATORY_SCRIPTS, laboratory_script
from mnistviz.export.laboratory.program import laboratory, why_none
from mnistviz.export.listings import caption_cues, webvtt
from mnistviz.export.page import geometry, listing, stills, words
from mnistviz.export.page.geometry import CardPlaces
from mnistviz.export.page.questions import plain_question
from mnistviz.export.page.survey import Survey, survey
from mnistviz.export.page.tables import array_table, operation_table
from mnistviz.export.page.values import Arrays
from mnistviz.export.stage import STAGE_SCRIPTS, stage_script
from mnistviz.export.stage.bundle import NO_STAGES, Stages, fitting
from mnistviz.export.stage.pack import Letters
from mnistviz.export.stage.twofold import other_theme
from mnistviz.picture.display import Box, Colour
from mnistviz.picture.layout import Look
from mnistviz.picture.theme import DARK, LIGHT, Theme
from mnistviz.picture.wording import text_of
from mnistviz.story.timecode import TICKS_PER_SECOND
from mnistviz.story.timeline import Timeline

LARGEST_PAGE = 5_000_000  # bytes
SCRIPTS = (
    "tables.js", "store.js", "numbers.js", "relations.js", "formula.js", "maps.js", "cards.js", "answers.js", "panel.js",
    "listing.js", "notices.js", "address.js", "stills.js", *STAGE_SCRIPTS, *LABORATORY_SCRIPTS,
    "film.js", "moves.js", "switches.js", "guessing.js", "copying.js", "presenter.js", "looking.js", "view.js",
    "input.js", "player.js",
)  # fmt: skip
# Characters that HTML does not allow, whatever their notation; XML-ish text fields are made of the rest.
_UNFIT = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")


@dataclass(frozen=True)
class Detail:
    """How much of the cards travels with the page; the first that fits under `LARGEST_PAGE` is taken."""

    moving: bool  # places at every tick, or at rests only
    numbers: int  # budget for arrays, in characters


DETAILS = (Detail(True, 3_000_000), Detail(True, 1_000_000), Detail(False, 1_000_000), Detail(False, 0))


@dataclass(frozen=True)
class Content:
    """What the page is about and what it shows."""

    timeline: Timeline
    size: tuple[int, int]  # of the videos, in pixels
    design: tuple[float, float]  # of the canvas, in design units
    videos: tuple[tuple[int, str], ...]  # frames per second and file, the fastest first
    places: CardPlaces
    covers: tuple[Box, ...] = ()  # parts of the picture that say numbers, covered while the page asks for one
    stages: Stages = NO_STAGES  # the packed films, the one in the film's own theme first
    pictures: bool = True  # whether stills lie beside the page


def build_pages(
    timeline: Timeline,
    look: Look,
    size: tuple[int, int],
    versions: Sequence[Mapping[int, str]],
    found: Survey | None = None,
    draw_stills: Callable[[], dict[str, bytes]] | None = None,
    letters: Letters | None = None,
) -> list[dict[str, bytes]]:
    """For each version `index.html`, and its stills where it needs them, by name relative to the output folder.

    A version maps frames per second to the names of the films that are there, `size` is theirs in pixels.
    `found` is what is to be known of the whole film, where somebody has found it already; `draw_stills` is
    asked for the stills, where there are any, and `letters` for the lettering of all texts.  The page is
    under 5 MB; raises `InputError` for a story with too many words for that.
    """
    found = found or survey(timeline, look)
    themes = (look.theme.name, other_theme(look).theme.name)
    stages = fitting(themes, found.packer.packed(letters))
    pictured = [bool(videos) or not stages.themes for videos in versions]
    draw = draw_stills or partial(stills.stills, timeline, stills.painter(timeline, look, size))
    pictures, places = draw() if any(pictured) else {}, found.places
    contents = [
        Content(timeline, size, look.regions.size, _ordered(videos), places, covers(look), stages, needed)
        for videos, needed in zip(versions, pictured, strict=True)
    ]
    return [{"index.html": page(content), **(pictures if content.pictures else {})} for content in contents]


def _ordered(videos: Mapping[int, str]) -> tuple[tuple[int, str], ...]:
    return tuple(sorted(videos.items(), reverse=True))


def covers(look: Look) -> tuple[Box, ...]:
    """Where the picture says numbers in words, besides the cards."""
    return look.regions.inspector, look.regions.caption


def page(content: Content) -> bytes:
    """The page itself, in as much detail as fits."""
    html, resting = b"", cache(partial(geometry.resting, content.timeline, content.places))
    for detail in DETAILS:
        html = _page(content, detail, content.places if detail.moving else resting())
        if len(html) < LARGEST_PAGE:
            return html
    raise InputError(
        f"the page would have {len(html):,} bytes",
        content.timeline.storyboard.scene,
        "tell it in fewer or shorter words",
    )


def _page(content: Content, detail: Detail, places: CardPlaces) -> bytes:
    runs = listing.lit_runs(content.timeline, places.lit)
    listings = listing.listings(content.timeline, runs)
    style = Markup(_style())  # noqa: S704  ours, no text of a scene in it
    script = Markup("\n".join(map(_script, SCRIPTS)))  # noqa: S704  ours
    board = content.timeline.storyboard
    data = _data(content, detail, places, runs, [one.name for one in listings])
    html = _template().render(
        title=board.title,
        subtitle=text_of(board.subtitle),
        parts=words.parts(content.timeline),
        ticks=content.timeline.ticks,
        listings=listings,
        videos=content.videos,
        size=content.size,
        design=content.design,
        covers=content.covers,
        stages=content.stages,
        pictures=content.pictures,
        captions=_data_url("text/vtt", webvtt(caption_cues(content.timeline))),
        data=data,
        laboratory=data["laboratory"],
        no_laboratory="" if data["laboratory"] else why_none(board),
        style=style,
        script=script,
        coverage=str(board.trace.coverage),
        absent=data["absent"],
        policy=_policy(style, script),
    )
    return _UNFIT.sub("\ufffd", html.replace("\r\n", "\n").replace("\r", "\n")).encode()


def _data(
    content: Content, detail: Detail, places: CardPlaces, runs: list[listing.Lit], names: list[str]
) -> dict[str, Any]:
    """All that the script needs to know."""
    timeline = content.timeline
    rows = places.shown.rows
    arrays = Arrays(timeline.storyboard, rows)
    carried = arrays.plain(detail.numbers)
    return {
        "ticks": timeline.ticks,
        "videos": [{"fps": fps, "name": name} for fps, name in content.videos],
        "clips": [
            {"start": clip.start, "rest": clip.rest_start, "chapter": clip.chapter.number, "step": clip.step,
             "still": stills.name(clip) if content.pictures else "", "question": plain_question(timeline.storyboard, clip)}
            for clip in timeline.clips
        ],
        "stops": _stops(timeline),
        "poster": int(timeline.poster * TICKS_PER_SECOND),
        "stage": {"themes": content.stages.themes} if content.stages.themes else None,
        "lit": listing.plain_runs(runs, names),
        "geometry": places.plain(),
        "moving": detail.moving,
        "shown": [
            {"map": shows, "layers": row.shape[0], "rows": row.shape[1], "columns": row.shape[2], "key": row.key}
            for shows, row in zip(arrays.maps, rows, strict=True)
        ],
        "arrays": array_table(carried),
        "operations": operation_table(arrays.operations(carried)),
        "absent": arrays.absent(carried),
        "befores": arrays.befores(carried),
        "aliases": arrays.aliases,
        "laboratory": laboratory(
            timeline.storyboard, [int(number) for number, one in carried.items() if one["form"] == "exact"]
        ),
    }  # fmt: skip


def _stops(timeline: Timeline) -> list[dict[str, Any]]:
    """Where one can stop, and what is said there."""
    said = {
        stop: text_of(words)
        for clip in timeline.clips
        for stop, (_, _, words) in zip(clip.stops, clip.beats, strict=True)
    }
    return [{"tick": stop, "caption": said[stop]} for stop in timeline.stops]


def get_ready() -> None:
    """Do what is the same for every page."""
    _template()


@cache
def _template() -> Template:
    """The page's template, compiled."""
    return _environment().from_string(_read("page.html.j2"))


def _environment() -> Environment:
    environment = Environment(
        loader=BaseLoader(), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.policies["json.dumps_kwargs"] = {"separators": (",", ":"), "allow_nan": False}
    environment.filters.update(clock=words.clock, seconds=words.seconds, shape=words.shape_words)
    return environment


def _read(name: str) -> str:
    return files("mnistviz.export.page").joinpath(name).read_text(encoding="utf-8")


def _script(name: str) -> str:
    if name in LABORATORY_SCRIPTS:
        return laboratory_script(name)
    return stage_script(name) if name in STAGE_SCRIPTS else _read(name)


def _style() -> str:
    """The style sheet, with the colours of both themes: the film's own, chosen by the reader's setting."""
    return "\n".join(
        (
            f":root {{ color-scheme: light dark; {_variables(DARK)} }}",
            f":root {{ --panel-on-dark: {_hex(DARK.panel)}; --panel-on-light: {_hex(LIGHT.panel)}; }}",
            f"@media (prefers-color-scheme: light) {{ :root {{ {_variables(LIGHT)} }} }}",
            *map(_full_screen, (DARK, LIGHT)),
            f"@media print {{ :root {{ {_variables(LIGHT)} }} }}",
            f"@media not (prefers-color-scheme: light) {{ {_code_colours(DARK)} }}",
            f"@media (prefers-color-scheme: light) {{ {_code_colours(LIGHT)} }}",
            _read("page.css"),
        )
    )


def _full_screen(theme: Theme) -> str:
    """Around a stage that fills the screen everything is as light or dark as the stage."""
    where = f'.watch:fullscreen:has(.staged .stage[data-theme="{theme.name}"])'
    return f"{where} {{ color-scheme: {theme.name}; color: var(--ink); {_variables(theme)} }}"


def _variables(theme: Theme) -> str:
    named = {
        "background": theme.background,
        "panel": theme.panel,
        "edge": theme.panel_edge,
        "ink": theme.ink,
        "soft": theme.soft,
        "faint": theme.faint,
        "lit-line": theme.lit_line,
        "lit-part": theme.lit_part,
        "accent": theme.lit_edge,
        **{f"phase-{phase}": colour for phase, colour in theme.phases},
    }
    return " ".join(f"--{name}: {_hex(colour)};" for name, colour in named.items())


def _hex(colour: Colour) -> str:
    return f"#{bytes(colour).hex()}"


def _code_colours(theme: Theme) -> str:
    """Pygments' colours for code, without its backgrounds."""
    rules = HtmlFormatter(style=theme.code).get_style_defs(".code").splitlines()
    return "\n".join(rule for rule in rules if rule.startswith(".code .") and "background" not in rule)


def _policy(style: str, script: str) -> str:
    """A Content-Security-Policy: nothing but our own script and style, and files beside the page.

    `file:` is there because `'self'` does not mean the disk in every browser.
    """
    beside = "'self' file: data:"
    return (
        f"default-src 'none'; img-src {beside}; media-src {beside} blob:; worker-src blob:; connect-src 'self'; "
        f"style-src '{_hash(style)}'; script-src '{_hash(script)}'; base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _data_url(kind: str, text: str) -> str:
    return f"data:{kind};base64,{base64.b64encode(text.encode(errors='replace')).decode()}"
