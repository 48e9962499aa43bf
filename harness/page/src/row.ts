/** What is known of one row: its versions, what it does otherwise, what it lacks, its trials, and what went wrong. */

import { anatomyOf } from "./anatomy.ts";
import type { Data, Row, Scenario } from "./data.ts";
import { el } from "./dom.ts";
import type { State } from "./state.ts";
import { format } from "./state.ts";
import { number, placeKey, placeName, rowKey, word } from "./text.ts";
import { trialsOf } from "./trials.ts";

const MIB = 1024 * 1024;

export function rowSection(data: Data, scenario: Scenario, place: number, state: State): HTMLElement | null {
  const index = data.rows.findIndex((row) => rowKey(row) === state.row);
  const row = data.rows[index];
  if (!row) return null;
  const facts: [string, string | null][] = [
    ["Version", row.version],
    ["Runtime", row.runtime],
    ["HTTP client", row.http_client],
    ["API", word(row.api)],
    ["Idiom", row.idiom],
    ["Installed", row.install_bytes === null ? null : `${number(row.install_bytes / MIB)} MiB, without the language's runtime`],
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
  const differences = [...row.wire, ...row.deviations.map((deviation) => `seen on the wire: ${deviation}`)];
  return el(
    "section",
    { id: "row", "aria-label": row.name },
    el("h2", {}, row.name),
    el("dl", {}, ...facts.flatMap(([name, value]) => (value ? [el("dt", {}, name), el("dd", {}, value)] : []))),
    ...list("What it does otherwise", differences.map((text) => el("li", {}, text))),
    ...list("What it does not do", [...lacks, ...limits]),
    ...[trialsOf(data, scenario, place, index), anatomyOf(data, scenario, index)].filter((part) => part !== null),
    ...list("What is questionable", questionable),
    ...failures(row),
    el("p", {}, "Measure this row alone: ", el("code", {}, command)),
    el(
      "p",
      { class: "small" },
      `Is something wrong here? Open an issue in Loopmark's repository with the address of this view; frameworks/${row.framework}/README.md says how the row is written.`,
    ),
    el("p", {}, el("a", { href: format({ ...state, row: "" }), id: "close-row" }, "Close")),
  );
}

function list(title: string, items: HTMLElement[]): HTMLElement[] {
  return items.length ? [el("h3", {}, title), el("ul", { class: "notes" }, ...items)] : [];
}

/** Trials that did not complete, with the last lines that the runner wrote. */
function failures(row: Row): HTMLElement[] {
  const items = row.failures.map(({ scenario, place, reason, lines }) =>
    el("li", {}, `${scenario}, ${placeName(place)}: ${reason}`, lines.length ? el("pre", { tabindex: "0" }, lines.join("\n")) : null),
  );
  return list("What failed", items);
}
