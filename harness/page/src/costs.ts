/** The two costs: what the language costs over the Rust floor, and what the framework costs on top. */

import type { Data, Ends, Scenario, Split } from "./data.ts";
import { el, svg } from "./dom.ts";
import { table } from "./plot.ts";
import type { State } from "./state.ts";
import { isMeant } from "./table.ts";
import { heading, number } from "./text.ts";

export function costsOf(data: Data, scenario: Scenario, state: State): HTMLElement | null {
  const costs = scenario.costs;
  if (!costs) return null;
  const figures = costs.metrics.flatMap((name, index) => {
    const metric = data.metrics.find((metric) => metric.name === name);
    const lines = costs.rows.flatMap(([row, splits]) => {
      const [known, split] = [data.rows[row], splits[index]];
      return known && split && isMeant(known, state) && split.whole[0] !== null ? [{ name: known.name, split }] : [];
    });
    if (!metric || lines.length === 0) return [];
    lines.sort((one, other) => one.split.whole[0]! - other.split.whole[0]!);
    const most = Math.max(...lines.map(({ split }) => split.whole[0]!));
    const rows = lines.map(({ name, split }) => [name, whole(split.whole), part(split.language), part(split.framework)]);
    return [
      el("h3", {}, heading(metric)),
      el(
        "div",
        { class: "bars" },
        ...lines.flatMap(({ name, split }) => [el("span", {}, name), bar(split, most)]),
      ),
      el(
        "details",
        {},
        el("summary", {}, "The figures"),
        el(
          "div",
          { class: "scroll", tabindex: "0", role: "region", "aria-label": `Two costs: ${heading(metric)}` },
          table(["Framework", "Whole", "Language", "Framework's own"], rows),
        ),
      ),
    ];
  });
  if (figures.length === 0) return null;
  return el(
    "figure",
    { id: "two-costs" },
    el("figcaption", {}, `Two costs, ${costs.level.toLocaleString("en")} at once`),
    el(
      "p",
      { class: "small key" },
      swatch("rust-floor"),
      " the Rust floor ",
      swatch("language"),
      " what the language costs on top: its floor less the Rust floor ",
      swatch("own"),
      " what the framework costs on top of its language's floor",
    ),
    ...figures,
  );
}

function whole([value]: Ends): string {
  return value === null ? "–" : number(value);
}

function part([value, low, high]: Ends): string {
  if (value === null) return "–";
  return low === null || high === null ? number(value) : `${number(value)} (${number(low)} to ${number(high)})`;
}

function swatch(kind: string): SVGElement {
  return svg("svg", { class: "swatch", viewBox: "0 0 10 10", "aria-hidden": "true" }, svg("rect", { width: "10", height: "10", class: kind }));
}

/** The parts beside one another. A cost below nothing has no length: its figure is in the table. */
function bar({ whole, language, framework }: Split, most: number): SVGElement {
  const costs: [string, number][] = [
    ["language", language[0] ?? 0],
    ["own", framework[0] ?? 0],
  ];
  const added = costs.reduce((sum, [, cost]) => sum + cost, 0);
  let left = 0;
  const rects = ([["rust-floor", (whole[0] ?? 0) - added], ...costs] as [string, number][]).map(([kind, cost]) => {
    const width = Math.max(0, (1000 * cost) / most);
    const rect = svg("rect", { x: left.toFixed(1), y: "0", width: width.toFixed(1), height: "10", class: kind });
    left += width;
    return rect;
  });
  return svg("svg", { viewBox: "0 0 1000 10", preserveAspectRatio: "none", "aria-hidden": "true" }, ...rects);
}
