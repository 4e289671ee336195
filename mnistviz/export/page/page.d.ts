// What travels between the page's scripts.  Only for the type checker: nothing of it is shipped.

interface PageData {
  ticks: number; // length of the film, in tenths of a second
  videos: { fps: number; name: string }[];
  clips: Clip[];
  stops: { tick: number; caption: string }[];
  poster: number; // the tick of the picture that stands for the film until it begins
  stage: { themes: string[] } | null;
  lit: Lit[];
  geometry: Geometry;
  moving: boolean;
  shown: Shown[];
  arrays: Record<string, PageArray>;
  operations: Record<string, Operation>; // by the number of the array that it made
  befores: Record<string, number>; // by an array that was changed in place: the one before
  aliases: Record<string, number>; // by an array beside the trace: the one of the trace that is the same
  laboratory: (Program & { trial: Trial | null }) | null;
}

// As it stands in the page: what thousands of arrays and operations have in common is said once.
interface TravellingData extends Omit<PageData, "arrays" | "operations"> {
  arrays: { numbers: number[]; heads: Omit<PageArray, "moment" | "data">[]; head: number[]; moments: string[]; moment: number[]; data: string[] };
  operations: { made: number[]; kinds: Omit<Operation, "number" | "inputs">[]; kind: number[]; numbers: number[]; inputs: number[][] };
}

interface Clip { start: number; rest: number; chapter: number; step: number; still: string; question: Question | null }
interface Question { asks: "winner" | "number"; array: number; cell: number; answers: string[]; right: number }
interface Lit { tick: number; file?: number; first?: number; last?: number; expression?: Expression }
interface Expression { firstLine: number; firstColumn: number; lastLine: number; lastColumn: number }

interface Geometry {
  unit: number;
  moments: { ticks: number[]; cards: number[][] };
  cards: { shown: number[]; places: number[]; layers: number[]; masks: number[] };
  places: { across: number[]; down: number[]; origins: number[] }[];
  layers: number[][];
  masks: number[][];
}

interface Shown { map: CellMap | null; layers: number; rows: number; columns: number; key: string }
interface Blocks { layers: number; rows: number; columns: number; drawnRows: number; drawnColumns: number }
interface CellMap {
  array: number; first?: number; step?: number; factor?: number; stretched?: number[]; old?: [number, number][]; oldArray?: number;
  blocks?: Blocks; minus?: CellMap; times?: CellMap;
}

interface PageArray {
  name: string; named: boolean; moment: string; constant: boolean; shape: number[]; type: string;
  form: "exact" | "as drawn" | "absent"; why?: string; data?: string; low?: string; high?: string; single?: boolean;
}

interface Operation {
  operation: string; made: string; reduces: string; sign: string; prefix: string; expression: string; inputs: number[];
  parameters: Record<string, unknown>; inPlace: boolean; number: number; line: number;
  axes?: string; moved?: { lengths: number[]; firsts: number[]; steps: number[] };
}

type Pair = [number, number];
interface Card {
  map: CellMap | null; depth: number; rows: number; columns: number; key: string;
  across: Pair; down: Pair; origins: Pair[]; layers: number[]; mask: number[] | null;
}
interface Hit { card: Card; place: number; layer: number; row: number; column: number }

// A cell of an array; `drawn`: of a card of the stage instead, where it stands for many cells or is computed for the picture.
interface Cell { array: number; flat: number }
interface Spot extends Cell { drawn: Hit | null; picked: boolean } // picked: on the stage, where it may not be computed yet

interface Term { cells: Cell[]; value: number | null }
interface Made { terms: Term[]; count: number; exact: boolean; what: string }
interface Answer {
  name: string; where: string; value: string; film: string; lines: string[]; spot: Spot; from: Made; to: Cell[];
}

interface State {
  ticks: number; // the instant, in tenths of a second, with fractions while it plays
  clip: number;
  fps: number;
  paused: boolean;
  begun: boolean;
  stills: boolean;
  staged: boolean; // the stage is shown
  loop: number; // the clip that is shown again and again; -1: none
  learning: boolean;
  predicting: boolean;
  captions: boolean;
  speed: number;
  hovered: Spot | null;
  trail: Spot[]; // the cells that were followed; the last one is looked at
  listed: number; // how many cells of a list are shown
  asked: number; // the clip whose question is open; -1: none
  guesses: Record<number, number>; // clip -> the answer that was given
}

interface Store { get(): State; set(change: Partial<State>): void }
interface Film {
  frame(): number; frames(): number; fps(): number; ready(): boolean; paused(): boolean; ended(): boolean; shows(): "stills" | "stage" | "video";
  seek(frame: number): void; play(): void; pause(): void; rate(times: number): void; change(fps: number): boolean; exchange(): boolean; turn(): string; follow(run: Run): void;
  sketch: StageClock["sketch"] | null; // null: the page cannot draw the film itself
  bind(state: () => void, settle: () => void): void;
}
interface Notices { toast(text: string): void; notice(cause: string, text: string): void; watch(): void }
interface Clock {
  shows: "stills" | "stage"; tick: number; timer: ReturnType<typeof setInterval> | number; rate: number;
  seek(tick: number): void; play(): void; pause(): void; ended(): boolean;
}
interface StageClock extends Clock { show(): void; hide(): void; turn(): string; follow(run: Run): void; sketch(canvas: HTMLCanvasElement, tick: number): Promise<void> }
type ById = (id: string) => any; // an element of the page's own template: its scripts know of which kind

interface Window { Highlight?: unknown }
