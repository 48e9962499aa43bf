/** The page's data, as `report/render/html/data.rs` writes it. */

export interface Metric {
  name: string;
  title: string;
  about: string;
  unit: string;
  better: "lower" | "higher" | "neither";
  is_compared: boolean;
}

export interface Limit {
  scenario: string;
  cases?: string[];
  levels?: number[];
  variants?: string[];
  reason: string;
}

export interface Row {
  framework: string;
  variant: string;
  name: string;
  language: string;
  kind: string;
  api: string;
  version: string | null;
  runtime: string | null;
  http_client: string | null;
  skipped: string | null;
  lacks: Record<string, string>;
  limits: Limit[];
  /** The row's floor, by its place in the list of rows. */
  floor: number | null;
  idiom: string | null;
  wire: string[];
  deviations: string[];
  failures: { scenario: string; place: Place; reason: string; lines: string[] }[];
  install_bytes: number | null;
}

/** A value with the ends of its interval. */
export type Ends = [number | null, number | null, number | null];

export interface Split {
  whole: Ends;
  language: Ends;
  framework: Ends;
}

/** What a run is made of, in ms. */
export interface Anatomy {
  model: number;
  gaps: number[];
  ends: number;
  first: number | null;
}

/** The resident memory over time: the maximum of each of equal parts. */
export interface Memory {
  seconds: number;
  mib: (number | null)[];
}

export interface Place {
  case: string | null;
  arrival: string;
  level: number;
}

export interface Figures {
  cell: number[];
  value: number[];
  low: (number | null)[];
  high: (number | null)[];
  rank: Record<number, string>;
  floor: Record<number, Ends>;
  trials: Record<number, number[]>;
}

export interface Scenario {
  name: string;
  /** LLM calls of a run, and the model's own time in it. */
  calls: number;
  model_ms: number;
  /** The cases' parameters, where they are numbers. */
  cases: Record<string, number>;
  says: string | null;
  headline: string | null;
  also: string[];
  first: number;
  places: Place[];
  cells: {
    row: number[];
    place: number[];
    verified: number[];
    runs: number[];
    notes: Record<number, string>;
    marks: Record<number, string[]>;
  };
  figures: Record<string, Figures>;
  /** By cells, of those at `first`. */
  details: { latencies: Record<number, number[]>; anatomies: Record<number, Anatomy>; memory: Record<number, Memory> };
  costs: { level: number; metrics: string[]; rows: [number, Split[]][] } | null;
}

export interface Data {
  id: string;
  /** Processors that a runner had. */
  cpus: number;
  metrics: Metric[];
  rows: Row[];
  scenarios: Scenario[];
  capacity: { scenario: string; p95_factor: number; rows: [number, number, boolean][] } | null;
}

/** A value of a cell. */
export interface Figure {
  value: number;
  low: number | null;
  high: number | null;
  rank: string | null;
  floor: Ends | null;
  trials: number[];
}

/** Unpacks what stands in the page: base64 of deflated JSON. */
export async function unpack<T = Data>(packed: string): Promise<T> {
  const bytes = Uint8Array.from(atob(packed.trim()), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return (await new Response(stream).json()) as T;
}

/** The cell of each row at a place, by the rows' places; a row that was not measured there has none. */
export function cellsAt(scenario: Scenario, place: number): Map<number, number> {
  const cells = new Map<number, number>();
  scenario.cells.place.forEach((own, cell) => {
    const row = scenario.cells.row[cell];
    if (own === place && row !== undefined) cells.set(row, cell);
  });
  return cells;
}

/** The value of a metric in a cell. Cells are in order in a metric's column. */
export function figureOf(scenario: Scenario, metric: string, cell: number): Figure | null {
  const figures = scenario.figures[metric];
  if (!figures) return null;
  let [low, high] = [0, figures.cell.length - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    const found = figures.cell[middle]!;
    if (found === cell) {
      return {
        value: figures.value[middle]!,
        low: figures.low[middle] ?? null,
        high: figures.high[middle] ?? null,
        rank: figures.rank[middle] ?? null,
        floor: figures.floor[middle] ?? null,
        trials: figures.trials[middle] ?? [],
      };
    }
    if (found < cell) low = middle + 1;
    else high = middle - 1;
  }
  return null;
}

/** In the page for the workload and for the two costs alone. */
const ELSEWHERE = ["most_in_flight", "overhead_per_turn_ms"];

/** The metrics of a table: the scenario's own, or else what it has of those that are shown of every scenario. */
export function columnsOf(data: Data, scenario: Scenario, place: number): Metric[] {
  const cells = [...cellsAt(scenario, place).values()];
  const hasAny = (metric: Metric) => cells.some((cell) => figureOf(scenario, metric.name, cell));
  const own = scenario.headline ? [scenario.headline, ...scenario.also] : null;
  const named = own
    ? own.map((name) => data.metrics.find((metric) => metric.name === name)).filter((metric) => !!metric)
    : data.metrics.filter(({ name }) => !ELSEWHERE.includes(name));
  return named.filter(hasAny);
}
