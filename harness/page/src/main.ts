/** The page: what is chosen, and the table of it. */

import type { Data, Scenario } from "./data.ts";
import { charts } from "./chart.ts";
import { comparison } from "./compare.ts";
import { takeAway } from "./copy.ts";
import { costsOf } from "./costs.ts";
import { cellsAt, unpack } from "./data.ts";
import { distribution, memory } from "./details.ts";
import { el } from "./dom.ts";
import { rowSection } from "./row.ts";
import { scatter } from "./scatter.ts";
import type { State } from "./state.ts";
import { format, parse } from "./state.ts";
import { isShown, tableOf } from "./table.ts";
import { placeKey, placeName, word } from "./text.ts";
import { workload } from "./workload.ts";

async function start(): Promise<void> {
  const packed = document.getElementById("data")?.textContent;
  const app = document.getElementById("app");
  if (!packed || !app) return;
  const data = await unpack(packed);
  let row = "";
  const show = () => {
    const state = parse(location.hash);
    render(app, data, state, go);
    // A row's place is below the table, where nobody would look for what a click has opened.
    if (state.row !== row) document.getElementById("row")?.scrollIntoView();
    row = state.row;
  };
  const go = (state: State) => {
    history.pushState(null, "", format(state));
    show();
  };
  // Back, forward, and an address that somebody has changed.
  addEventListener("popstate", show);
  show();
  // The page's own table says the same from here on.
  document.getElementById("headline")?.remove();
  performance.mark("shown");
}

type Go = (state: State) => void;

function render(app: HTMLElement, data: Data, state: State, go: Go): void {
  const scenario = data.scenarios.find(({ name }) => name === state.scenario) ?? data.scenarios[0];
  if (!scenario) return;
  const asked = scenario.places.findIndex((place) => placeKey(place) === state.place);
  const place = asked < 0 ? scenario.first : asked;
  const focused = document.activeElement?.id;
  app.replaceChildren(
    ...parts([
      choice(data, scenario, place, state, go),
      el("h2", {}, scenario.name),
      scenario.says ? el("p", { class: "says" }, firstSentence(plain(scenario.says))) : null,
      tableOf(data, scenario, place, state, go),
      takeAway(`loopmark-${data.id}-${scenario.name}`),
      filters(data, state, go),
      comparison(data, scenario, place, state, go),
      rowSection(data, scenario, place, state),
      notes(data, scenario, place, state),
      scenario.says ? about(plain(scenario.says)) : null,
      el(
        "div",
        { class: "charts" },
        ...charts(data, scenario, place, state),
        ...parts([
          scatter(data, scenario, place, state),
          distribution(data, scenario, state),
          memory(data, scenario, state),
        ]),
      ),
      costsOf(data, scenario, state),
      workload(data, state, go),
    ]),
  );
  if (focused) document.getElementById(focused)?.focus();
}

/** Those that there are. */
function parts(all: (HTMLElement | null)[]): HTMLElement[] {
  return all.filter((part) => part !== null);
}

/** Markdown's links as their words: what a scenario says is read here, not followed. */
function plain(markdown: string): string {
  return markdown.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1").replaceAll(/\s+/g, " ");
}

/** What a scenario says begins with what it shows; the rest is one more click away. */
function firstSentence(text: string): string {
  return text.match(/^.*?[.](?= |$)/)?.[0] ?? text;
}

function about(text: string): HTMLElement {
  return el("details", { class: "says" }, el("summary", {}, "About this scenario"), el("p", {}, text));
}

/** Which scenario, under which load. */
function choice(data: Data, scenario: Scenario, place: number, state: State, go: Go): HTMLElement {
  const choose = (id: string, label: string, options: [string, string][], chosen: string, change: (value: string) => void) =>
    el(
      "label",
      { for: id },
      label,
      el(
        "select",
        { id, change: (event) => change((event.target as HTMLSelectElement).value) },
        ...options.map(([value, text]) => el("option", { value, selected: value === chosen }, text)),
      ),
    );
  const scenarios = data.scenarios.map(({ name }): [string, string] => [name, name]);
  const places = scenario.places.map((place): [string, string] => [placeKey(place), placeName(place)]);
  const shown = scenario.places[place];
  return el(
    "form",
    { class: "controls", "aria-label": "What is shown", submit: (event) => event.preventDefault() },
    choose("scenario", "Scenario", scenarios, scenario.name, (name) => go({ ...state, scenario: name, place: "", sort: "" })),
    choose("place", "Load", places, shown ? placeKey(shown) : "", (key) => go({ ...state, place: key })),
    el(
      "label",
      { for: "ratio", class: "check" },
      el("input", { id: "ratio", type: "checkbox", checked: state.isRatio, change: () => go({ ...state, isRatio: !state.isRatio }) }),
      "as multiples of the floor",
    ),
  );
}

/** Which rows. Closed on a phone, where the figures come first, until it is opened or something is filtered. */
let areFiltersOpen = matchMedia("(min-width: 48rem)").matches;

function filters(data: Data, state: State, go: Go): HTMLElement {
  const several = (key: "languages" | "kinds" | "apis", legend: string, of: (row: Data["rows"][number]) => string) => {
    const values = [...new Set(data.rows.map(of))];
    if (values.length < 2) return null;
    const toggle = (value: string) => {
      const list = state[key];
      const next = list.includes(value) ? list.filter((other) => other !== value) : [...list, value];
      go({ ...state, [key]: next });
    };
    const box = (value: string) => {
      const id = `${key}-${value}`;
      const input = el("input", { type: "checkbox", id, checked: state[key].includes(value), change: () => toggle(value) });
      return el("label", { for: id }, input, word(value));
    };
    return el("fieldset", {}, el("legend", {}, legend), ...values.map(box));
  };
  const isFiltered = [state.languages, state.kinds, state.apis, state.frameworks].some((list) => list.length > 0);
  const form = el(
    "form",
    { class: "controls", submit: (event) => event.preventDefault() },
    several("languages", "Language", (row) => row.language),
    several("kinds", "Kind", (row) => row.kind),
    several("apis", "API", (row) => row.api),
    el(
      "label",
      { for: "frameworks" },
      "Framework",
      el("input", {
        id: "frameworks",
        type: "search",
        value: state.frameworks.join(","),
        placeholder: "rig,eino",
        change: (event) => {
          const parts = (event.target as HTMLInputElement).value.split(",");
          go({ ...state, frameworks: parts.map((part) => part.trim()).filter((part) => part !== "") });
        },
      }),
    ),
  );
  const toggle = (event: Event) => {
    areFiltersOpen = (event.target as HTMLDetailsElement).open;
  };
  return el("details", { id: "filters", open: areFiltersOpen || isFiltered, toggle }, el("summary", {}, "Filter the rows"), form);
}

/** More notes than these are folded away. */
const MOST_NOTES = 20;

/** What must be known of the lines that are shown. */
function notes(data: Data, scenario: Scenario, place: number, state: State): HTMLElement | null {
  const cells = cellsAt(scenario, place);
  const items = data.rows.flatMap((row, index) => {
    if (!isShown(row, state)) return [];
    const cell = cells.get(index);
    const note = row.skipped ?? (cell === undefined ? null : scenario.cells.notes[cell]);
    return note ? [el("li", {}, el("b", {}, row.name), `: ${note}`)] : [];
  });
  if (items.length === 0) return null;
  const list = el("ul", { class: "notes" }, ...items);
  // As many as there are rows would stand between the table and its charts.
  return items.length > MOST_NOTES ? el("details", {}, el("summary", {}, `Notes on ${items.length} rows`), list) : list;
}

void start();
