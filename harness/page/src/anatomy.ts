/** What a run is made of: the row's median run beside its floor's, and its first run. */

import type { Anatomy, Data, Scenario } from "./data.ts";
import { cellsAt } from "./data.ts";
import { el, svg } from "./dom.ts";
import { table } from "./plot.ts";
import { number, placeName } from "./text.ts";

export function anatomyOf(data: Data, scenario: Scenario, row: number): HTMLElement | null {
  const known = data.rows[row];
  const cells = cellsAt(scenario, scenario.first);
  const of = (row: number | null) => {
    const cell = row === null ? undefined : cells.get(row);
    return cell === undefined ? null : (scenario.details.anatomies[cell] ?? null);
  };
  const own = of(row);
  const place = scenario.places[scenario.first];
  if (!known || !own || !place) return null;
  const runs = [{ name: known.name, anatomy: own }];
  const floor = known.floor === row ? null : of(known.floor);
  if (floor && known.floor !== null) runs.push({ name: data.rows[known.floor]?.name ?? "floor", anatomy: floor });
  const most = Math.max(...runs.map(({ anatomy }) => sum(anatomy)), own.first ?? 0);
  const turns = Math.max(...runs.map(({ anatomy }) => anatomy.gaps.length));
  const titles = turns === 1 ? ["Between the turns"] : Array.from({ length: turns }, (_, turn) => `Before turn ${turn + 2}`);
  const lines = runs.map(({ name, anatomy }) => [
    name,
    number(anatomy.ends),
    ...titles.map((_, turn) => (anatomy.gaps[turn] === undefined ? "–" : number(anatomy.gaps[turn]!))),
    number(sum(anatomy)),
    anatomy.first === null ? "–" : number(anatomy.first),
  ]);
  const bars = runs.flatMap(({ name, anatomy }) => [el("span", {}, name), bar(anatomy, most)]);
  if (own.first !== null) bars.push(el("span", {}, `${known.name}, first run of the process`), whole(own.first, most));
  return el(
    "div",
    { id: "anatomy" },
    el("h3", {}, "Anatomy of a run"),
    el(
      "p",
      { class: "small" },
      `The run with the median overhead of ${scenario.name}, ${placeName(place)}, in ms, without the model's ${number(own.model)} ms: before the first request and after the last reply, then between each reply and the next request. The first run of a process is alone.`,
    ),
    el("div", { class: "bars" }, ...bars),
    el(
      "div",
      { class: "scroll", tabindex: "0", role: "region", "aria-label": "Anatomy of a run" },
      table(["Framework", "Before and after", ...titles, "Whole", "First run"], lines),
    ),
  );
}

function sum({ gaps, ends }: Anatomy): number {
  return gaps.reduce((sum, gap) => sum + gap, ends);
}

/** The ends, then the gaps in two shades by turns. */
function bar({ gaps, ends }: Anatomy, most: number): SVGElement {
  let left = 0;
  const rects = [ends, ...gaps].map((part, index) => {
    const width = Math.max(0, (1000 * part) / most);
    const kind = index === 0 ? "rust-floor" : index % 2 ? "language" : "own";
    const rect = svg("rect", { x: left.toFixed(1), y: "0", width: width.toFixed(1), height: "10", class: kind });
    left += width;
    return rect;
  });
  return svg("svg", { viewBox: "0 0 1000 10", preserveAspectRatio: "none", "aria-hidden": "true" }, ...rects);
}

function whole(part: number, most: number): SVGElement {
  const rect = svg("rect", { x: "0", y: "0", width: Math.max(0, (1000 * part) / most).toFixed(1), height: "10", class: "rust-floor" });
  return svg("svg", { viewBox: "0 0 1000 10", preserveAspectRatio: "none", "aria-hidden": "true" }, rect);
}
