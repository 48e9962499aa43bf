/** What all charts have in common: axes, a grid, names beside marks, and a table of the figures below. */

import { el, svg } from "./dom.ts";

export const WIDTH = 720;
export const HEIGHT = 400;
export const EDGE = { left: 64, right: 190, top: 12, bottom: 40 };

/** A dash for each language, so that colour alone says nothing. */
export const DASHES: Record<string, string> = { rust: "", python: "6 3", typescript: "2 3", go: "10 3", jvm: "8 3 2 3" };

/** A direction of a chart. */
export interface Axis {
  title: string;
  at: (value: number) => number;
  ticks: [number, string][];
}

/** Ticks of a logarithmic scale that have room: 1, 2 and 5 of each power of ten, or else the powers alone. */
export function logTicks(all: number[]): number[] {
  const leading = (value: number) => Number(value.toExponential().charAt(0));
  const some = all.filter((value) => [1, 2, 5].includes(leading(value)));
  return some.length <= 7 ? some : some.filter((value) => leading(value) === 1);
}

/** A coordinate as SVG has it. */
export function px(value: number): string {
  return value.toFixed(1);
}

/** The marks on their axes; `says` is what a reader hears who does not see it. */
export function plot(says: string, x: Axis, y: Axis, marks: SVGElement[]): SVGElement {
  const right = WIDTH - EDGE.right;
  const bottom = HEIGHT - EDGE.bottom;
  return svg(
    "svg",
    { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": says, class: "chart" },
    ...y.ticks.flatMap(([value, text]) => [
      svg("line", { x1: px(EDGE.left), x2: px(right), y1: px(y.at(value)), y2: px(y.at(value)), class: "grid" }),
      svg("text", { x: px(EDGE.left - 8), y: px(y.at(value) + 4), "text-anchor": "end" }, text),
    ]),
    ...x.ticks.map(([value, text]) => svg("text", { x: px(x.at(value)), y: px(bottom + 18), "text-anchor": "middle" }, text)),
    svg("text", { x: px((EDGE.left + right) / 2), y: px(HEIGHT - 4), "text-anchor": "middle" }, x.title),
    ...marks,
  );
}

/** How far apart names stand, and how far at least: closer ones would cover each other. */
const [STEP, LEAST_STEP] = [14, 11];

/** Names to the right of where lines end, pushed down where one would cover the one above. Of more than there is room for, some. */
export function endLabels(ends: { name: string; at: number }[]): SVGElement[] {
  const sorted = ends.toSorted((one, other) => one.at - other.at);
  const room = HEIGHT - EDGE.top - EDGE.bottom;
  const step = Math.min(STEP, room / Math.max(1, sorted.length - 1));
  const placed = step < LEAST_STEP ? apart(sorted) : pushed(sorted, step);
  const labels = placed.map(({ name, at }) => svg("text", { x: px(WIDTH - EDGE.right + 8), y: px(at + 4), class: "label" }, name));
  return [...labels, ...more(sorted.length - placed.length)];
}

function pushed(sorted: { name: string; at: number }[], step: number): { name: string; at: number }[] {
  const placed = sorted.map((end) => ({ ...end }));
  let lowest = -Infinity;
  for (const label of placed) {
    label.at = Math.max(label.at, lowest + step);
    lowest = label.at;
  }
  // What was pushed beyond the bottom pushes the others back up.
  let highest = HEIGHT - EDGE.bottom + 4;
  for (const label of placed.toReversed()) {
    label.at = Math.min(label.at, highest);
    highest = label.at - step;
  }
  return placed;
}

/** Those that do not cover the one above. */
function apart<Label extends { at: number }>(sorted: Label[]): Label[] {
  let lowest = -Infinity;
  return sorted.filter(({ at }) => {
    const isFree = at >= lowest + LEAST_STEP;
    if (isFree) lowest = at;
    return isFree;
  });
}

/** Says how many names have no room. */
export function more(count: number): SVGElement[] {
  const text = `and ${count} more: point at them`;
  return count ? [svg("text", { x: px(WIDTH - EDGE.right + 8), y: px(HEIGHT - 4), class: "more" }, text)] : [];
}

/** A row, in whose colour and dash its marks are, and whose name they tell who points at them. */
interface Marked {
  name: string;
  language: string;
}

/** A line through points. */
export function line({ name, language }: Marked, points: [number, number][]): SVGElement {
  const path = points.map(([x, y], index) => `${index ? "L" : "M"}${px(x)},${px(y)}`);
  const attributes = { d: path.join(""), class: `course of-${language}`, "stroke-dasharray": DASHES[language] ?? "" };
  return svg("path", attributes, svg("title", {}, name));
}

export function dot({ name, language }: Marked, x: number, y: number, radius = 2.5): SVGElement {
  return svg("circle", { cx: px(x), cy: px(y), r: String(radius), class: `of-${language}` }, svg("title", {}, name));
}

/** A chart with its title, and its figures as a table for those who want to read them. */
export function figure(id: string, title: string, about: string | null, drawing: Element, header: string[], lines: string[][]): HTMLElement {
  const figures = `${title}: figures`;
  return el(
    "figure",
    { id },
    el("figcaption", {}, title),
    about ? el("p", { class: "small" }, about) : null,
    el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": title }, drawing),
    el(
      "details",
      {},
      el("summary", {}, "The chart's figures"),
      el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": figures }, table(header, lines)),
    ),
  );
}

/** A table whose first column names its lines. */
export function table(header: string[], lines: string[][]): HTMLElement {
  return el(
    "table",
    {},
    el("thead", {}, el("tr", {}, ...header.map((text) => el("th", { scope: "col" }, text)))),
    el(
      "tbody",
      {},
      ...lines.map(([name, ...cells]) => el("tr", {}, el("th", { scope: "row" }, name ?? ""), ...cells.map((cell) => el("td", {}, cell)))),
    ),
  );
}
