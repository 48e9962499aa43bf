/** Each trial of a row as a dot, for every figure of the table. */

import { scaleLinear } from "d3-scale";

import type { Data, Metric, Scenario } from "./data.ts";
import { cellsAt, columnsOf, figureOf } from "./data.ts";
import { el, svg } from "./dom.ts";
import { heading, number, placeName } from "./text.ts";

export function trialsOf(data: Data, scenario: Scenario, place: number, row: number): HTMLElement | null {
  const cell = cellsAt(scenario, place).get(row);
  const there = scenario.places[place];
  if (cell === undefined || !there) return null;
  const lines = columnsOf(data, scenario, place).flatMap((metric) => {
    const trials = figureOf(scenario, metric.name, cell)?.trials ?? [];
    return trials.length > 1 ? [el("tr", {}, el("th", { scope: "row" }, heading(metric)), el("td", {}, dots(metric, trials)), el("td", {}, trials.map(number).join(", ")))] : [];
  });
  if (lines.length === 0) return null;
  return el(
    "div",
    { id: "trials" },
    el("h3", {}, `Each trial, ${scenario.name}, ${placeName(there)}`),
    el(
      "div",
      { class: "scroll", tabindex: "0", role: "region", "aria-label": "Each trial" },
      el(
        "table",
        {},
        el("thead", {}, el("tr", {}, ...["Figure", "From 0 to the largest", "Values"].map((title) => el("th", { scope: "col" }, title)))),
        el("tbody", {}, ...lines),
      ),
    ),
  );
}

function dots(metric: Metric, trials: number[]): SVGElement {
  const ends = [Math.min(0, ...trials), Math.max(0, ...trials)];
  const x = scaleLinear(ends[0] === ends[1] ? [0, 1] : ends, [4, 196]);
  return svg(
    "svg",
    { class: "dots", viewBox: "0 0 200 12", role: "img", "aria-label": `${metric.title} of ${trials.length} trials` },
    svg("line", { x1: "4", x2: "196", y1: "6", y2: "6", class: "grid" }),
    ...trials.map((value) => svg("circle", { cx: x(value).toFixed(1), cy: "6", r: "3.5" })),
  );
}
