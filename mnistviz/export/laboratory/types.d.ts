// What travels between the laboratory's scripts.  Only for the type checker: nothing of it is shipped.

interface Matrix { shape: number[]; data: Float64Array; type?: string } // row-major; numbers of every type as doubles
type Argument = any; // a Matrix, or what JSON has: a number, a slice, a list of them
interface Photo { pixels: Float64Array; wide: number; high: number } // ink, 0..255
interface Wanted { shape: number[]; type: string } // of a result, as it was recorded
type Twin = (given: Argument[], options: Record<string, Argument>, wanted: Wanted) => Matrix;

// What program.py writes.
interface Program {
  given: number[]; operations: Statement[]; linked: [id: number, operation: number][]; carried: [first: number, last: number][];
  doubts: [operation: number, given: number[]][]; // from which on the way depends on what was given
}
interface Statement {
  makes: number[]; takes: number[]; operation: string; line: number;
  twin?: string; arguments?: Argument[]; options?: Record<string, Argument>; frozen?: number[]; why?: string;
  turn?: "truth" | "value"; expression?: string; // it decides which way the program goes
}

// What a run gives: the arrays that are not as they were recorded, and of those that stayed behind, why.
interface Run { values: Map<number, Matrix>; held: Map<number, string> }

// What mnistviz/story/storyboard.py says that one may try.
interface Change { array: number; cells: number[]; numbers: number[] }
interface Trial { picture: number; expected: number; rate: number; outputs: number; suggestions: { words: string; changes: Change[] }[] }

// What was done since the film: numbers changed, or so many steps taken.
type Deed = { changes: Change[] } | { steps: number };
