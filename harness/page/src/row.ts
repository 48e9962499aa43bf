/** What is known of one row: its versions, what it lacks, and where something is questionable. */

import type { Data } from "./data.ts";
import { el } from "./dom.ts";
import type { State } from "./state.ts";
import { format } from "./state.ts";
import { placeKey, placeName, rowKey, word } from "./text.ts";

export function rowSection(data: Data, state: State): HTMLElement | null {
  const index = data.rows.findIndex((row) => rowKey(row) === state.row);
  const row = data.rows[index];
  if (!row) return null;
  const facts: [string, string | null][] = [
    ["Version", row.version],
    ["Runtime", row.runtime],
    ["HTTP client", row.http_client],
    ["API", word(row.api)],
    ["Skipped", row.skipped],
  ];
  const lacks = Object.entries(row.lacks).map(([feature, reason]) => el("li", {}, `${feature} is not offered: ${reason}`));
  const limits = row.limits.map(({ scenario, cases, reason }) => {
    const where = [scenario, ...(cases ?? [])].join(", ");
    return el("li", {}, `by design, ${where}: ${reason}`);
  });
  const questionable = data.scenarios.flatMap((scenario) =>
    scenario.cells.row.flatMap((own, cell) => {
      const note = scenario.cells.notes[cell];
      const place = scenario.places[scenario.cells.place[cell] ?? -1];
      if (own !== index || !note || !place) return [];
      const there = format({ ...state, scenario: scenario.name, place: placeKey(place), sort: "" });
      return [el("li", {}, el("a", { href: there }, `${scenario.name}, ${placeName(place)}`), `: ${note}`)];
    }),
  );
  const scenarios = data.scenarios.map(({ name }) => name).join(",");
  const command = `loopmark run -f ${row.framework} --variants ${row.variant} --scenario ${scenarios}`;
  return el(
    "section",
    { id: "row", "aria-label": row.name },
    el("h2", {}, row.name),
    el("dl", {}, ...facts.flatMap(([name, value]) => (value ? [el("dt", {}, name), el("dd", {}, value)] : []))),
    ...(lacks.length + limits.length ? [el("ul", {}, ...lacks, ...limits)] : []),
    el("p", {}, "Measure this row alone: ", el("code", {}, command)),
    ...(questionable.length ? [el("h3", {}, "What is questionable"), el("ul", { class: "notes" }, ...questionable)] : []),
    el("p", {}, el("a", { href: format({ ...state, row: "" }), id: "close-row" }, "Close")),
  );
}
