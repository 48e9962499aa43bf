/** Distributions of latencies, and memory over time, at the place where a scenario is shown first. */

import { scaleLinear, scaleLog } from "d3-scale";

import type { Data, Scenario } from "./data.ts";
import { cellsAt } from "./data.ts";
import { valueAxis } from "./chart.ts";
import type { Axis } from "./plot.ts";
import { EDGE, HEIGHT, WIDTH, endLabels, figure, line, logTicks, plot } from "./plot.ts";
import type { State } from "./state.ts";
import { isMeant } from "./table.ts";
import { number, placeName } from "./text.ts";

interface Course {
  name: string;
  language: string;
  points: [number, number][];
}

/** What a cell of each row that is meant has. */
function coursesOf(data: Data, scenario: Scenario, state: State, of: (cell: number) => [number, number][]): Course[] {
  const cells = cellsAt(scenario, scenario.first);
  return data.rows.flatMap((row, index) => {
    const cell = cells.get(index);
    const points = cell === undefined || !isMeant(row, state) ? [] : of(cell);
    return points.length > 1 ? [{ name: row.name, language: row.language, points }] : [];
  });
}

function where(scenario: Scenario): string {
  const place = scenario.places[scenario.first];
  return place ? placeName(place) : "";
}

/** Which share of the runs took no longer than so. */
export function distribution(data: Data, scenario: Scenario, state: State): HTMLElement | null {
  const courses = coursesOf(data, scenario, state, (cell) => {
    const quantiles = scenario.details.latencies[cell] ?? [];
    return quantiles.map((value, step) => [value, step / (quantiles.length - 1)]);
  });
  const values = courses.flatMap(({ points }) => points.map(([value]) => value)).filter((value) => value > 0);
  if (values.length === 0) return null;
  const across: [number, number] = [EDGE.left, WIDTH - EDGE.right];
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const isWide = most > least * 3;
  const scale = isWide ? scaleLog([least, most], across) : scaleLinear([least, most], across).nice();
  const ticks = isWide ? logTicks(scale.ticks()) : scale.ticks(5);
  const x: Axis = { title: "latency (ms)", at: scale, ticks: ticks.map((value) => [value, number(value)]) };
  const y: Axis = {
    title: "share of runs",
    at: scaleLinear([0, 1], [HEIGHT - EDGE.bottom, EDGE.top]),
    ticks: [0, 0.25, 0.5, 0.75, 1].map((share) => [share, `${share * 100} %`]),
  };
  const lines = courses.map((course) => line(course, course.points.map(([value, share]) => [scale(value), y.at(share)])));
  const shares = [0, 0.5, 0.75, 0.95, 1];
  const rows = courses.map(({ name, points }) => [
    name,
    ...shares.map((share) => number(points[Math.round(share * (points.length - 1))]?.[0] ?? NaN)),
  ]);
  return figure(
    "latencies",
    `Latency of runs, ${where(scenario)}`,
    "How many of all runs took no longer than so. A steep line is a row whose runs are alike.",
    plot(`Distributions of latency of ${courses.length} rows; the table below has the figures`, x, y, [...lines, ...names(courses, scale)]),
    ["Framework", "shortest", "median", "75 %", "95 %", "longest"],
    rows,
  );
}

/** The names in the order of the medians, in a column beside the lines. */
function names(courses: Course[], x: (value: number) => number): SVGElement[] {
  const middle = ({ points }: Course) => x(points[Math.floor(points.length / 2)]?.[0] ?? 0);
  const sorted = courses.toSorted((one, other) => middle(one) - middle(other));
  const step = Math.min(14, (HEIGHT - EDGE.top - EDGE.bottom) / sorted.length);
  return endLabels(sorted.map(({ name }, index) => ({ name, at: EDGE.top + 8 + index * step })));
}

/** The resident memory of a trial, from its start to its end. */
export function memory(data: Data, scenario: Scenario, state: State): HTMLElement | null {
  const courses = coursesOf(data, scenario, state, (cell) => {
    const course = scenario.details.memory[cell];
    if (!course) return [];
    const part = course.seconds / course.mib.length;
    // Before its program is loaded, a process has next to nothing.
    return course.mib.flatMap((mib, index): [number, number][] => (mib === null || mib < 1 ? [] : [[(index + 0.5) * part, mib]]));
  });
  if (courses.length === 0) return null;
  const longest = Math.max(...courses.flatMap(({ points }) => points.map(([seconds]) => seconds)));
  const scale = scaleLinear([0, longest], [EDGE.left, WIDTH - EDGE.right]);
  const x: Axis = { title: "seconds since the start of the process", at: scale, ticks: scale.ticks(6).map((value) => [value, number(value)]) };
  const y = valueAxis("MiB", courses.flatMap(({ points }) => points.map(([, mib]) => mib)));
  const lines = courses.map((course) => line(course, course.points.map(([seconds, mib]) => [scale(seconds), y.at(mib)])));
  const ends = courses.map(({ name, points }) => ({ name, at: y.at(points.at(-1)![1]) }));
  const rows = courses.map(({ name, points }) => {
    const mib = points.map(([, value]) => value);
    return [name, number(points.at(-1)![0]), number(mib[0]!), number(Math.max(...mib)), number(mib.at(-1)!)];
  });
  return figure(
    "memory",
    `Resident memory over time (MiB), ${where(scenario)}`,
    "The trial with the median peak; of each moment the maximum.",
    plot(`Memory of ${courses.length} rows over time; the table below has the figures`, x, y, [...lines, ...endLabels(ends)]),
    ["Framework", "seconds", "first", "maximum", "last"],
    rows,
  );
}
