/** The course of a metric over the levels, and over the cases, of a scenario. */

import { scaleLinear, scaleLog } from "d3-scale";

import type { Data, Metric, Place, Scenario } from "./data.ts";
import { columnsOf, figureOf } from "./data.ts";
import type { Axis } from "./plot.ts";
import { EDGE, HEIGHT, WIDTH, dot, endLabels, figure, line, logTicks, plot } from "./plot.ts";
import type { State } from "./state.ts";
import { isMeant } from "./table.ts";
import { heading, number } from "./text.ts";

/** A place of the scenario on the chart's lower axis. */
interface Step {
  at: number;
  text: string;
  place: number;
}

interface Course {
  name: string;
  language: string;
  points: { at: number; value: number }[];
}

/** The charts of what the table is sorted by, or else of the first figure that has a course; none where there is none. */
export function charts(data: Data, scenario: Scenario, place: number, state: State): HTMLElement[] {
  const here = scenario.places[place];
  const columns = columnsOf(data, scenario, place);
  const sorted = columns.find(({ name }) => name === state.sort.replace(/^-/, ""));
  const wished = sorted ? [sorted, ...columns] : columns;
  if (!here) return [];
  const kinds = [
    { id: "over-levels", by: "runs at once", steps: levels(scenario, here), isScaled: true },
    { id: "over-cases", by: "case", ...cases(scenario, here) },
  ];
  return kinds.flatMap(({ id, by, steps, isScaled }) => {
    const found = wished.map((metric) => ({ metric, courses: coursesOf(data, scenario, metric, steps, state) }));
    // A figure of one step alone, such as a growth over the others, has none.
    const isCourse = ({ points }: Course) => points.length > 1;
    const { metric, courses } = found.find(({ courses }) => courses.some(isCourse)) ?? {};
    if (!metric || !courses) return [];
    const title = `${heading(metric)}, by ${by}`;
    const says = `${title}: ${courses.length} rows; the table below has the figures`;
    const lines = courses.map(({ name, points }) => [name, ...steps.map((step) => shown(points.find(({ at }) => at === step.at)))]);
    const drawing = draw(says, courses, metric, steps, by, isScaled);
    return [figure(id, title, null, drawing, ["Framework", ...steps.map(({ text }) => text)], lines)];
  });
}

function shown(point: { value: number } | undefined): string {
  return point ? number(point.value) : "–";
}

/** The places that differ from this one by their level alone, by level. */
function levels(scenario: Scenario, place: Place): Step[] {
  const found = scenario.places.flatMap((other, index) =>
    other.case === place.case && other.arrival === place.arrival
      ? [{ at: other.level, text: other.level.toLocaleString("en"), place: index }]
      : [],
  );
  return found.sort((one, other) => one.at - other.at);
}

/** The places that differ from this one by their case alone: by its parameter, or else in their order. */
function cases(scenario: Scenario, place: Place): { steps: Step[]; isScaled: boolean } {
  const found = scenario.places.flatMap((other, index) => {
    if (other.case === null || other.arrival !== place.arrival || other.level !== place.level) return [];
    return [{ at: scenario.cases[other.case] ?? null, text: other.case, place: index }];
  });
  const numbered = found.flatMap(({ at, ...rest }) => (at === null ? [] : [{ at, ...rest }]));
  // Two cases of one parameter differ in something else, and are no course.
  const isScaled = numbered.length === found.length && new Set(numbered.map(({ at }) => at)).size === found.length;
  if (isScaled) return { steps: numbered.sort((one, other) => one.at - other.at), isScaled };
  // Those without a number come last.
  const sorted = found.sort((one, other) => (one.at ?? Infinity) - (other.at ?? Infinity) || one.place - other.place);
  return { steps: sorted.map((step, index) => ({ ...step, at: index })), isScaled };
}

function coursesOf(data: Data, scenario: Scenario, metric: Metric, steps: Step[], state: State): Course[] {
  return data.rows.flatMap((row, index) => {
    if (!isMeant(row, state)) return [];
    const points = steps.flatMap(({ at, place }) => {
      const cell = scenario.cells.row.findIndex((own, cell) => own === index && scenario.cells.place[cell] === place);
      const found = cell < 0 ? null : figureOf(scenario, metric.name, cell);
      return found ? [{ at, value: found.value }] : [];
    });
    return points.length ? [{ name: row.name, language: row.language, points }] : [];
  });
}

/** Whether a value can stand on a logarithmic scale. */
const isPositive = (value: number) => value > 0;

function draw(says: string, courses: Course[], metric: Metric, steps: Step[], by: string, isScaled: boolean): SVGElement {
  const places = steps.map(({ at }) => at);
  const across = [EDGE.left, WIDTH - EDGE.right] as const;
  const [least, most] = [Math.min(...places), Math.max(...places)];
  const x = isScaled && places.every(isPositive) ? scaleLog([least, most], across) : scaleLinear([least, most], isScaled ? across : inset(across));
  const lower: Axis = { title: by, at: x, ticks: steps.map(({ at, text }) => [at, text]) };
  const upper = valueAxis(heading(metric), courses.flatMap(({ points }) => points.map(({ value }) => value)));
  const marks = courses.flatMap((course) => {
    const there = course.points.map(({ at, value }): [number, number] => [x(at), upper.at(value)]);
    const dots = there.map(([left, top]) => dot(course, left, top));
    return isScaled ? [line(course, there), ...dots] : dots;
  });
  const ends = courses.flatMap(({ name, points }) => {
    const last = points.at(-1);
    return last ? [{ name, at: upper.at(last.value) }] : [];
  });
  return plot(says, lower, upper, [...marks, ...endLabels(ends)]);
}

/** Room beside the first and the last name of a case. */
function inset([left, right]: readonly [number, number]): [number, number] {
  return [left + 40, right - 40];
}

/** An axis for values: logarithmic unless one is 0 or less. */
export function valueAxis(title: string, values: number[]): Axis {
  const up = [HEIGHT - EDGE.bottom, EDGE.top];
  const [least, most] = [Math.min(...values), Math.max(...values)];
  if (values.every(isPositive) && most > least * 1.5) {
    const scale = scaleLog([least * 0.9, most * 1.1], up);
    return { title, at: scale, ticks: logTicks(scale.ticks()).map((value) => [value, number(value)]) };
  }
  const scale = scaleLinear([Math.min(0, least), most > 0 ? most : 1], up).nice();
  return { title, at: scale, ticks: scale.ticks(5).map((value) => [value, number(value)]) };
}
