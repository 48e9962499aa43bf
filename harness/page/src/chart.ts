/** The course of a metric over the levels or the cases of a scenario, as lines. The table above has the figures of a place;
 * the one below a chart has those of the chart. */

import { scaleLog } from "d3-scale";

import type { Data, Metric, Place, Scenario } from "./data.ts";
import { columnsOf, figureOf } from "./data.ts";
import { el, svg } from "./dom.ts";
import type { State } from "./state.ts";
import { isShown } from "./table.ts";
import { heading, number, rowKey } from "./text.ts";

const [WIDTH, HEIGHT] = [720, 400];
const EDGE = { left: 64, right: 150, top: 12, bottom: 40 };
/** A dash for each language, so that colour alone says nothing. */
const DASHES: Record<string, string> = { rust: "", python: "6 3", typescript: "2 3", go: "10 3", jvm: "8 3 2 3" };

interface Course {
  name: string;
  language: string;
  points: { at: number; value: number }[];
}

/** The places that differ from this one by their level alone, by level. */
function levels(scenario: Scenario, place: Place): [number, number][] {
  const found = scenario.places.flatMap((other, index): [number, number][] =>
    other.case === place.case && other.arrival === place.arrival ? [[other.level, index]] : [],
  );
  return found.sort(([one], [other]) => one - other);
}

/** The chart of what the table is sorted by; nothing where there is one level only. */
export function chart(data: Data, scenario: Scenario, place: number, state: State): HTMLElement | null {
  const here = scenario.places[place];
  const columns = columnsOf(data, scenario, place);
  const metric = columns.find(({ name }) => name === state.sort.replace(/^-/, "")) ?? columns[0];
  if (!here || !metric) return null;
  const steps = levels(scenario, here);
  if (steps.length < 2) return null;
  const courses = coursesOf(data, scenario, metric, steps, state);
  if (courses.length === 0) return null;
  const title = `${heading(metric)}, by runs at once`;
  return el(
    "figure",
    {},
    el("figcaption", {}, title),
    el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": title }, draw(courses, metric, steps.map(([level]) => level))),
    details(courses, metric, steps.map(([level]) => level)),
  );
}

function coursesOf(data: Data, scenario: Scenario, metric: Metric, steps: [number, number][], state: State): Course[] {
  const isMeant = (key: string) => state.picked.length < 2 || state.picked.includes(key);
  return data.rows.flatMap((row, index) => {
    if (!isShown(row, state) || !isMeant(rowKey(row))) return [];
    const points = steps.flatMap(([at, place]) => {
      const cell = scenario.cells.row.findIndex((own, cell) => own === index && scenario.cells.place[cell] === place);
      const figure = cell < 0 ? null : figureOf(scenario, metric.name, cell);
      return figure && figure.value > 0 ? [{ at, value: figure.value }] : [];
    });
    return points.length ? [{ name: row.name, language: row.language, points }] : [];
  });
}

function draw(courses: Course[], metric: Metric, levels: number[]): SVGElement {
  const values = courses.flatMap(({ points }) => points.map(({ value }) => value));
  const x = scaleLog([Math.min(...levels), Math.max(...levels)], [EDGE.left, WIDTH - EDGE.right]);
  const y = scaleLog([Math.min(...values), Math.max(...values)], [HEIGHT - EDGE.bottom, EDGE.top]).nice();
  const lines = courses.flatMap(({ language, points }) => {
    const path = points.map(({ at, value }, index) => `${index ? "L" : "M"}${x(at).toFixed(1)},${y(value).toFixed(1)}`);
    const dots = points.map(({ at, value }) => svg("circle", { cx: x(at).toFixed(1), cy: y(value).toFixed(1), r: "2.5", class: `of-${language}` }));
    return [svg("path", { d: path.join(""), class: `course of-${language}`, "stroke-dasharray": DASHES[language] ?? "" }), ...dots];
  });
  const ticks = y.ticks(5).filter((value, _, all) => all.length < 8 || Number.isInteger(Math.log10(value)));
  return svg(
    "svg",
    { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": `${heading(metric)} of ${courses.length} rows; the table below has the figures`, class: "chart" },
    ...ticks.map((value) => svg("line", { x1: String(EDGE.left), x2: String(WIDTH - EDGE.right), y1: y(value).toFixed(1), y2: y(value).toFixed(1), class: "grid" })),
    ...ticks.map((value) => svg("text", { x: String(EDGE.left - 8), y: (y(value) + 4).toFixed(1), "text-anchor": "end" }, number(value))),
    ...levels.map((level) => svg("text", { x: x(level).toFixed(1), y: String(HEIGHT - EDGE.bottom + 18), "text-anchor": "middle" }, level.toLocaleString("en"))),
    svg("text", { x: String((EDGE.left + WIDTH - EDGE.right) / 2), y: String(HEIGHT - 4), "text-anchor": "middle" }, "runs at once"),
    ...lines,
    ...labels(courses, y),
  );
}

/** A name at the end of each line, pushed down where it would cover the one above. */
function labels(courses: Course[], y: (value: number) => number): SVGElement[] {
  const wanted = courses.flatMap(({ name, points }) => {
    const last = points.at(-1);
    return last ? [{ name, at: y(last.value) }] : [];
  });
  wanted.sort((one, other) => one.at - other.at);
  const step = Math.min(14, (HEIGHT - EDGE.top - EDGE.bottom) / Math.max(1, wanted.length - 1));
  let lowest = -Infinity;
  const placed = wanted.map(({ name, at }) => {
    lowest = Math.max(at, lowest + step);
    return { name, at: lowest };
  });
  // What was pushed beyond the bottom pushes the others back up.
  let highest = HEIGHT - EDGE.bottom + 4;
  for (const label of placed.toReversed()) {
    label.at = Math.min(label.at, highest);
    highest = label.at - step;
  }
  return placed.map(({ name, at }) => svg("text", { x: String(WIDTH - EDGE.right + 8), y: (at + 4).toFixed(1), class: "label" }, name));
}

function details(courses: Course[], metric: Metric, levels: number[]): HTMLElement {
  const header = el("tr", {}, el("th", { scope: "col" }, "Framework"), ...levels.map((level) => el("th", { scope: "col" }, level.toLocaleString("en"))));
  const lines = courses.map(({ name, points }) => {
    const cells = levels.map((level) => {
      const point = points.find(({ at }) => at === level);
      return el("td", {}, point ? number(point.value) : "–");
    });
    return el("tr", {}, el("th", { scope: "row" }, name), ...cells);
  });
  const label = `${heading(metric)} by runs at once`;
  return el(
    "details",
    {},
    el("summary", {}, "The chart's figures"),
    el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": label }, el("table", {}, el("thead", {}, header), el("tbody", {}, ...lines))),
  );
}
