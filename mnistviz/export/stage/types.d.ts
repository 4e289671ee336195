// What travels between the stage's scripts.  Only for the type checker: nothing of it is shipped.

interface TextForm { kind: "t"; text: string; face: string; colour: string; anchor: string; counted: boolean; told: Told[] }
interface Told { start: number; stop: number; rule: string; of: number[]; style: string; count: number; texts: string[]; on: number[] } // see mnistviz/picture/display.py
interface LineForm { kind: "l"; colour: string }
interface FlatForm { kind: "p" | "b"; fill: string; edge: string } // a polygon or a panel; no edge: ""
interface MatrixForm {
  kind: "m"; key: string; cells: number; table: number; rows: number; columns: number; layers: number[]; mask: number;
  edge: string; empty: string; grid: boolean; shadow: boolean; shows: number; scale: number; // numbers of a map, -1: of none, and of a scale
}
type Form = TextForm | LineForm | FlatForm | MatrixForm

// A place: opacity and glow in 0..1, then lengths and coordinates in design units.
interface Part { form: Form; place: Float64Array }

interface Face { letters: Record<string, [outline: string, advance: number]>; kerning: Record<string, number> }
interface Written { path: Path2D; width: number } // of a line of text, in its em, and as a part of its size
interface Lettering { em: number; ascent: number; descent: number; faces: Record<string, Face> }

// What pack.py writes.
interface PackedReel {
  size: Pair; picture: Frame; inspector: Frame; boxes: Boxes; whole: [tick: number, whole: boolean][]; steps: number; opaque: number; photograph: number; letters: Lettering;
  background: string[]; shadow: number[]; colours: string[][]; tables: string[][]; // in each theme, or one alone for all
  maps: PackedMap[]; scales: Scale[]; forms: any[][]; places: { lengths: number[]; columns: Record<string, number[]> }; parts: [number[], number[]]; cells: number[]; masks: number[][];
  instants: [tick: number, head: number, tail: number, middle: number[]][];
}
interface Boxes { title: Frame; map: Frame; caption: Frame; bar: Frame } // of the map over the whole frame, and what is around it
interface PackedFilm { plain: PackedReel; bytes: Uint8Array } // the bytes: colour codes of all cells
type PackedMap = [array: number, before: number, first: number, step: number, factor: number, stretched: number[], old: Pair[], blocks: number[], minus: number, times: number];
type Scale = [low: number, high: number, rooted: number];
interface Reel {
  maps: PackedMap[]; scales: Scale[];
  size: Pair; picture: Frame; inspector: Frame; boxes: Boxes; isWhole(tick: number): boolean; background: string; shadow: number; tables: string[]; photograph: number; letters: Lettering; masks: number[][]; parts: Part[];
  codes(cells: number): Uint16Array; count(cells: number): number; list(instant: number): number[]; instantAt(tick: number): number;
}

// What is other than in the film (laboratory/engine.js), and how often that has changed.
interface News { run: Run; count: number }
interface Following {
  run(): number; // another one whenever something is other than before
  codes(form: MatrixForm): Uint16Array | null; // null: as they are packed
  text(form: TextForm): string; ink(form: TextForm): string; seen(form: Form): number; // part of its opacity
  mark(form: MatrixForm): string; // "" while it is as packed, else another one each time
}

type Surface = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D
type Frame = [left: number, top: number, right: number, bottom: number]; // design units
interface Sight { scale: number; left: number; top: number } // pixels a design unit, and what is at the corner
interface Shape {
  ax: number; ay: number; dx: number; dy: number; ex: number; ey: number; edge: number; line: number; scale: number;
  block: Pair; drawn: Pair; cell: number; name: string;
}
interface Ground { canvas: OffscreenCanvas; left: number; top: number }
interface Front { canvas: OffscreenCanvas; bad: number[] } // a pixel a cell, and the cells that are no number
interface Shelf<Thing> { get(name: string, make: () => Thing): Thing }
