/** Rows beside one another, in sentences. */

import type { Data, Figure, Metric, Scenario } from "./data.ts";
import { cellsAt, columnsOf, figureOf } from "./data.ts";
import { el } from "./dom.ts";
import type { State } from "./state.ts";
import { amount, number, rowKey } from "./text.ts";

const RANGES =
  "In brackets: the ends of both 95 % intervals against each other. That is wider than the interval of the ratio itself.";

interface Ratio {
  value: number;
  low: number | null;
  high: number | null;
}

/** One figure over another. The ends are those of both intervals against each other: wider than need be, never narrower. */
export function ratioOf(one: Figure, other: Figure): Ratio | null {
  if (other.value <= 0) return null;
  const ends = [one.low, one.high, other.low, other.high];
  const isKnown = ends.every((end) => end !== null && end > 0);
  return {
    value: one.value / other.value,
    low: isKnown ? one.low! / other.high! : null,
    high: isKnown ? one.high! / other.low! : null,
  };
}

/** What a metric says of two rows. */
export function sentence(metric: Metric, names: [string, string], figures: [Figure | null, Figure | null]): string {
  const [one, other] = figures;
  if (!one || !other) return `${metric.title}: no figure of ${names[one ? 1 : 0]}.`;
  const values = `${names[0]} ${amount(one.value, metric)}, ${names[1]} ${amount(other.value, metric)}`;
  const ratio = ratioOf(one, other);
  if (!ratio) return `${metric.title}: ${values}.`;
  if (ratio.low === null || ratio.high === null) return `${metric.title}: ${values}; ${number(ratio.value)} times.`;
  const range = `${number(ratio.low)} to ${number(ratio.high)}`;
  const isApart = ratio.low > 1 || ratio.high < 1;
  return isApart
    ? `${metric.title}: ${values}; ${number(ratio.value)} times (${range}).`
    : `${metric.title}: ${values}; not told apart (${range} times).`;
}

/** The first picked row beside each other one; nothing until two are picked. */
export function comparison(data: Data, scenario: Scenario, place: number, state: State, go: (state: State) => void): HTMLElement | null {
  const cells = cellsAt(scenario, place);
  const picked = state.picked.flatMap((key) => {
    const index = data.rows.findIndex((row) => rowKey(row) === key);
    const row = data.rows[index];
    return row ? [{ row, cell: cells.get(index) ?? null }] : [];
  });
  const [first, ...others] = picked;
  if (!first || others.length === 0) return null;
  const columns = columnsOf(data, scenario, place);
  const figure = (cell: number | null, metric: Metric) => (cell === null ? null : figureOf(scenario, metric.name, cell));
  const lists = others.map((other) =>
    el(
      "div",
      {},
      el("h3", {}, `${first.row.name} and ${other.row.name}`),
      el(
        "ul",
        {},
        ...columns.map((metric) =>
          el("li", {}, sentence(metric, [first.row.name, other.row.name], [figure(first.cell, metric), figure(other.cell, metric)])),
        ),
      ),
    ),
  );
  const end = el("button", { type: "button", id: "end-comparison", click: () => go({ ...state, picked: [] }) }, "End the comparison");
  return el("section", { id: "comparison", "aria-label": "Comparison" }, el("h2", {}, "Comparison"), ...lists, el("p", { class: "small" }, RANGES), end);
}
