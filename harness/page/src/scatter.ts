/** CPU against memory: the rows that no other row beats in both are joined by a line. */

import { scaleLog } from "d3-scale";

import type { Data, Metric, Scenario } from "./data.ts";
import { cellsAt, figureOf } from "./data.ts";
import { svg } from "./dom.ts";
import type { Axis } from "./plot.ts";
import { EDGE, HEIGHT, WIDTH, dot, figure, logTicks, more, plot, px } from "./plot.ts";
import type { State } from "./state.ts";
import { isMeant } from "./table.ts";
import { heading, number } from "./text.ts";

export interface Point {
  name: string;
  language: string;
  cpu: number;
  memory: number;
}

/** Those that no other point beats in one and equals in the other, by CPU. */
export function front(points: Point[]): Point[] {
  const sorted = points.toSorted((one, other) => one.cpu - other.cpu || one.memory - other.memory);
  let least = Infinity;
  return sorted.filter(({ memory }) => {
    const isOn = memory < least;
    least = Math.min(least, memory);
    return isOn;
  });
}

export function scatter(data: Data, scenario: Scenario, place: number, state: State): HTMLElement | null {
  const metric = (name: string) => data.metrics.find((metric) => metric.name === name);
  const [cpu, memory] = [metric("cpu_per_run_ms"), metric("peak_rss_bytes")];
  if (!cpu || !memory) return null;
  const cells = cellsAt(scenario, place);
  const points = data.rows.flatMap((row, index): Point[] => {
    const cell = cells.get(index);
    if (cell === undefined || !isMeant(row, state)) return [];
    const [one, other] = [figureOf(scenario, cpu.name, cell), figureOf(scenario, memory.name, cell)];
    if (!one || !other || one.value <= 0 || other.value <= 0) return [];
    return [{ name: row.name, language: row.language, cpu: one.value, memory: other.value }];
  });
  if (points.length < 3) return null;
  const best = front(points);
  const lines = points.map(({ name, cpu, memory }, index) => [
    name,
    number(cpu),
    number(memory),
    best.includes(points[index]!) ? "yes" : "no",
  ]);
  return figure(
    "cpu-memory",
    "CPU against memory",
    "Both axes are logarithmic; less is better on both. The line joins the rows that no other row beats in both.",
    draw(points, best, cpu, memory),
    ["Framework", heading(cpu), heading(memory), "Not beaten in both"],
    lines,
  );
}

function draw(points: Point[], best: Point[], cpu: Metric, memory: Metric): SVGElement {
  const axis = (title: string, values: number[], range: [number, number]): Axis & { at: (value: number) => number } => {
    const scale = scaleLog([Math.min(...values) * 0.8, Math.max(...values) * 1.2], range);
    return { title, at: scale, ticks: logTicks(scale.ticks()).map((value) => [value, number(value)]) };
  };
  const x = axis(heading(cpu), points.map(({ cpu }) => cpu), [EDGE.left, WIDTH - EDGE.right]);
  const y = axis(heading(memory), points.map(({ memory }) => memory), [HEIGHT - EDGE.bottom, EDGE.top]);
  const path = best.map(({ cpu, memory }, index) => `${index ? "L" : "M"}${px(x.at(cpu))},${px(y.at(memory))}`);
  const marks = points.map((point) => dot(point, x.at(point.cpu), y.at(point.memory), 4));
  const labels = names(points, x, y);
  const title = svg("text", { x: px(EDGE.left + 4), y: px(EDGE.top + 10) }, heading(memory));
  return plot(
    `CPU against memory of ${points.length} rows; the table below has the figures`,
    x,
    y,
    [svg("path", { d: path.join(""), class: "front" }), title, ...marks, ...labels, ...more(points.length - labels.length)],
  );
}

interface Box {
  left: number;
  right: number;
  top: number;
}

/** Names beside points: to the right, or wherever near there is room for them; none where there is none. */
function names(points: Point[], x: Axis, y: Axis): SVGElement[] {
  const isFree = (box: Box, taken: Box[]) =>
    taken.every((other) => box.right < other.left || other.right < box.left || Math.abs(other.top - box.top) >= 12);
  const taken = points.map(({ cpu, memory }): Box => ({ left: x.at(cpu) - 5, right: x.at(cpu) + 5, top: y.at(memory) + 4 }));
  const sorted = points.toSorted((one, other) => y.at(one.memory) - y.at(other.memory));
  return sorted.flatMap(({ name, cpu, memory }) => {
    const width = name.length * 6.5;
    const [right, left] = [x.at(cpu) + 7, x.at(cpu) - 7 - width];
    const top = y.at(memory) + 4;
    const near = [0, -12, 12, -24, 24].flatMap((shift) =>
      [right, left].map((left): Box => ({ left, right: left + width, top: top + shift })),
    );
    const box = near.find((box) => box.left > EDGE.left && isFree(box, taken));
    if (!box) return [];
    taken.push(box);
    return svg("text", { x: px(box.left), y: px(box.top), class: "label" }, name);
  });
}
