/** The table: a row of the sweep per line, a figure per column. */

import type { Data, Figure, Metric, Row, Scenario } from "./data.ts";
import { cellsAt, columnsOf, figureOf } from "./data.ts";
import { el, svg } from "./dom.ts";
import type { State } from "./state.ts";
import { format } from "./state.ts";
import { heading, number, rowKey } from "./text.ts";
import { tip } from "./tip.ts";

export interface Line {
  row: Row;
  cell: number | null;
  figures: (Figure | null)[];
}

/** The rows that the filters let through. */
export function isShown(row: Row, state: State): boolean {
  const fits = (list: string[], value: string) => list.length === 0 || list.includes(value);
  const isNamed = (part: string) => row.name.toLowerCase().includes(part.toLowerCase());
  return (
    fits(state.languages, row.language) &&
    fits(state.kinds, row.kind) &&
    fits(state.apis, row.api) &&
    (state.frameworks.length === 0 || state.frameworks.some(isNamed))
  );
}

/** The rows of a chart: those that are compared where there are two, or else those that are shown. */
export function isMeant(row: Row, state: State): boolean {
  return isShown(row, state) && (state.picked.length < 2 || state.picked.includes(rowKey(row)));
}

/** What a column shows of a figure. */
function shown(figure: Figure | null, state: State): number | null {
  if (!figure) return null;
  return state.isRatio ? (figure.floor?.[0] ?? null) : figure.value;
}

/** The lines in order; what has no figure comes last, whichever way they are sorted. */
export function linesOf(data: Data, scenario: Scenario, place: number, columns: Metric[], state: State): Line[] {
  const cells = cellsAt(scenario, place);
  const lines = data.rows.flatMap((row, index) => {
    if (!isShown(row, state)) return [];
    const cell = cells.get(index) ?? null;
    const figures = columns.map((metric) => (cell === null ? null : figureOf(scenario, metric.name, cell)));
    return [{ row, cell, figures }];
  });
  const { key, isFalling } = order(columns, scenario, state);
  if (key === "name") {
    lines.sort((one, other) => one.row.name.localeCompare(other.row.name) * (isFalling ? -1 : 1));
    return lines;
  }
  const column = columns.findIndex((metric) => metric.name === key);
  const valueOf = (line: Line) => shown(line.figures[column] ?? null, state);
  lines.sort((one, other) => {
    const [first, second] = [valueOf(one), valueOf(other)];
    if (first === null || second === null) return Number(first === null) - Number(second === null);
    return isFalling ? second - first : first - second;
  });
  return lines;
}

/** What lines are sorted by. At first the best comes first. */
export function order(columns: Metric[], scenario: Scenario, state: State): { key: string; isFalling: boolean } {
  const isFalling = state.sort.startsWith("-");
  const key = isFalling ? state.sort.slice(1) : state.sort;
  if (key === "name" || columns.some((metric) => metric.name === key)) return { key, isFalling };
  const headline = columns.find((metric) => metric.name === scenario.headline) ?? columns[0];
  return { key: headline?.name ?? "name", isFalling: headline?.better === "higher" };
}

export function tableOf(
  data: Data,
  scenario: Scenario,
  place: number,
  state: State,
  go: (state: State) => void,
): HTMLElement {
  const columns = columnsOf(data, scenario, place);
  const lines = linesOf(data, scenario, place, columns, state);
  const sorted = order(columns, scenario, state);
  const header = (key: string, title: string, about: string) => {
    const isSorted = sorted.key === key;
    const next = isSorted && !sorted.isFalling ? `-${key}` : key;
    const button = el("button", { type: "button", title: about, click: () => go({ ...state, sort: next }) }, title);
    const direction = isSorted ? (sorted.isFalling ? "descending" : "ascending") : "none";
    return el("th", { scope: "col", "aria-sort": direction }, button);
  };
  const most = columns.map((_, column) =>
    Math.max(0, ...lines.map((line) => (state.isRatio ? 0 : (line.figures[column]?.high ?? line.figures[column]?.value ?? 0)))),
  );
  const body = lines.map((line) => {
    const note = line.cell === null ? null : scenario.cells.notes[line.cell];
    const missing = missingWord(line, scenario);
    const text = note ? `${line.row.name} *` : line.row.name;
    const sign = note ? tip(`note-${line.cell}`, "*", `What is questionable about ${line.row.name}`, note) : null;
    const name = el("th", { scope: "row", "data-text": text, "data-value": line.row.name }, rowName(line.row, state, go), sign);
    const figures = line.figures.map((figure, column) => figureCell(figure, missing, most[column] ?? 0, state));
    return el("tr", {}, name, ...figures);
  });
  const title = "name";
  return el(
    "div",
    { id: "figures", class: "scroll", tabindex: "0", role: "region", "aria-label": `Figures of ${scenario.name}` },
    el(
      "table",
      {},
      el(
        "thead",
        {},
        el("tr", {}, header(title, "Framework", "The row's name"), ...columns.map((metric) => header(metric.name, heading(metric), metric.about))),
      ),
      el("tbody", {}, ...body),
    ),
  );
}

/** A row's name, which leads to what is known of it, with a box that picks it for a comparison. */
function rowName(row: Row, state: State, go: (state: State) => void): HTMLElement {
  const key = rowKey(row);
  const isPicked = state.picked.includes(key);
  const picked = isPicked ? state.picked.filter((other) => other !== key) : [...state.picked, key];
  const box = el("input", {
    type: "checkbox",
    id: `pick-${key}`,
    checked: isPicked,
    "aria-label": `compare ${row.name}`,
    change: () => go({ ...state, picked }),
  });
  const link = el("a", { href: format({ ...state, row: key }) }, row.name);
  return el("span", { class: "name" }, box, link);
}

/** Why a line has no figures, in a word or two. */
function missingWord(line: Line, scenario: Scenario): string {
  if (line.row.skipped !== null) return "skipped";
  if (line.cell === null) return "not measured";
  const marks = scenario.cells.marks[line.cell] ?? [];
  if (marks.includes("not-offered")) return "not offered";
  if (marks.includes("failed-trials")) return "failed";
  if (marks.includes("unverified-runs")) return "unverified";
  return "–";
}

function figureCell(figure: Figure | null, missing: string, most: number, state: State): HTMLElement {
  const value = shown(figure, state);
  if (!figure || value === null) return el("td", { class: "missing", "data-value": "" }, figure ? "–" : missing);
  const tie = figure.rank?.endsWith("=") ? " =" : "";
  if (state.isRatio) {
    const [, low, high] = figure.floor ?? [null, null, null];
    return el("td", { title: between(low, high), "data-value": String(value) }, `${number(value)}×`);
  }
  const about = { title: between(figure.low, figure.high), "data-value": String(value), "data-text": `${number(value)}${tie}` };
  return el("td", about, number(value), tie, bar(figure, most));
}

function between(low: number | null, high: number | null): string {
  return low === null || high === null ? "" : `95 % interval: ${number(low)} to ${number(high)}`;
}

/** The value as a length, with its interval as a line. */
function bar(figure: Figure, most: number): SVGElement | null {
  if (most <= 0 || figure.value < 0) return null;
  const at = (value: number) => String(Math.min(100, (100 * value) / most));
  const { low, high } = figure;
  const spread =
    low === null || high === null
      ? null
      : svg("line", { x1: at(Math.max(0, low)), x2: at(high), y1: "2", y2: "2", class: "spread" });
  return svg(
    "svg",
    { class: "bar", viewBox: "0 0 100 4", preserveAspectRatio: "none", "aria-hidden": "true" },
    svg("rect", { x: "0", y: "1", width: at(figure.value), height: "2" }),
    spread,
  );
}
