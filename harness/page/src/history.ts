/** The page of all sweeps: a figure of each row over the sweeps of a machine. */

import { scaleLinear } from "d3-scale";

import { valueAxis } from "./chart.ts";
import type { Metric, Place } from "./data.ts";
import { unpack } from "./data.ts";
import { el, svg } from "./dom.ts";
import { EDGE, WIDTH, dot, endLabels, figure, line, plot, px } from "./plot.ts";
import { heading, number, placeName } from "./text.ts";

interface Row {
  framework: string;
  variant: string;
  name: string;
  language: string;
}

interface Sweep {
  id: string;
  machine: string;
  loopmark: string;
  versions: Record<number, string>;
  scenarios: Record<string, { place: Place; headline: string | null; figures: Record<string, Record<number, number>> }>;
}

interface History {
  metrics: Metric[];
  rows: Row[];
  sweeps: Sweep[];
}

interface State {
  machine: string;
  scenario: string;
  metric: string;
  frameworks: string;
}

/** A row's value in a sweep, and its version where that is another one than before. */
export interface Point {
  sweep: number;
  value: number;
  version: string | null;
  isRelease: boolean;
}

async function start(): Promise<void> {
  const packed = document.getElementById("data")?.textContent;
  const app = document.getElementById("app");
  if (!packed || !app) return;
  const history = await unpack<History>(packed);
  const show = () => render(app, history, parse(location.hash), go);
  const go = (state: State) => {
    window.history.pushState(null, "", format(state));
    show();
  };
  addEventListener("popstate", show);
  show();
}

function parse(hash: string): State {
  const pairs = new URLSearchParams(hash.replace(/^#/, ""));
  const of = (key: string) => pairs.get(key) ?? "";
  return { machine: of("machine"), scenario: of("s"), metric: of("metric"), frameworks: of("f") };
}

function format({ machine, scenario, metric, frameworks }: State): string {
  const pairs = Object.entries({ machine, s: scenario, metric, f: frameworks }).filter(([, value]) => value !== "");
  return `#${pairs.map(([key, value]) => `${key}=${encodeURIComponent(value)}`).join("&")}`;
}

/** The one that is asked for, or else the first. */
function chosen(asked: string, all: string[]): string {
  return all.includes(asked) ? asked : (all[0] ?? "");
}

function render(app: HTMLElement, history: History, state: State, go: (state: State) => void): void {
  const newestFirst = history.sweeps.toReversed();
  const machines = [...new Set(newestFirst.map(({ machine }) => machine))];
  const machine = chosen(state.machine, machines);
  const onIt = history.sweeps.filter((sweep) => sweep.machine === machine);
  const scenarios = [...new Set(onIt.flatMap(({ scenarios }) => Object.keys(scenarios)))].sort();
  const scenario = chosen(state.scenario, scenarios.includes("seed") ? ["seed", ...scenarios] : scenarios);
  const sweeps = comparable(onIt, scenario);
  const has = ({ name }: Metric) => sweeps.some(({ scenarios }) => scenarios[scenario]?.figures[name]);
  const metrics = history.metrics.filter(has);
  const headline = sweeps.at(-1)?.scenarios[scenario]?.headline;
  const metric = metrics.find(({ name }) => name === state.metric) ?? metrics.find(({ name }) => name === headline) ?? metrics[0];
  const select = (id: string, label: string, options: [string, string][], value: string, change: (value: string) => void) =>
    el(
      "label",
      { for: id },
      label,
      el(
        "select",
        { id, change: (event) => change((event.target as HTMLSelectElement).value) },
        ...options.map(([key, text]) => el("option", { value: key, selected: key === value }, text)),
      ),
    );
  const same = (names: string[]) => names.map((name): [string, string] => [name, name]);
  const focused = document.activeElement?.id;
  app.replaceChildren(
    el(
      "form",
      { class: "controls", submit: (event) => event.preventDefault() },
      select("machine", "Machine", same(machines), machine, (machine) => go({ ...state, machine })),
      select("scenario", "Scenario", same(scenarios), scenario, (scenario) => go({ ...state, scenario })),
      select("metric", "Figure", metrics.map((metric) => [metric.name, heading(metric)]), metric?.name ?? "", (metric) => go({ ...state, metric })),
      el(
        "label",
        { for: "frameworks" },
        "Framework",
        el("input", { id: "frameworks", type: "search", value: state.frameworks, placeholder: "rig,eino", change: (event) => go({ ...state, frameworks: (event.target as HTMLInputElement).value }) }),
      ),
    ),
    ...(metric ? [course(history, sweeps, scenario, metric, state.frameworks)] : []),
  );
  if (focused) document.getElementById(focused)?.focus();
}

/** The sweeps that measured the scenario where the newest one did. */
function comparable(sweeps: Sweep[], scenario: string): Sweep[] {
  const place = (sweep: Sweep) => JSON.stringify(sweep.scenarios[scenario]?.place ?? null);
  const newest = sweeps.findLast((sweep) => sweep.scenarios[scenario]);
  return newest ? sweeps.filter((sweep) => place(sweep) === place(newest)) : [];
}

/** A row's values over the sweeps. */
export function pointsOf(sweeps: Sweep[], scenario: string, metric: string, row: number): Point[] {
  let before: string | null = null;
  return sweeps.flatMap((sweep, index): Point[] => {
    const value = sweep.scenarios[scenario]?.figures[metric]?.[row];
    if (value === undefined) return [];
    const version = sweep.versions[row] ?? null;
    const isRelease = before !== null && version !== null && version !== before;
    before = version ?? before;
    return [{ sweep: index, value, version, isRelease }];
  });
}

function course(history: History, sweeps: Sweep[], scenario: string, metric: Metric, asked: string): HTMLElement {
  const parts = asked.split(",").map((part) => part.trim().toLowerCase()).filter((part) => part !== "");
  const isMeant = ({ name }: Row) => parts.length === 0 || parts.some((part) => name.toLowerCase().includes(part));
  const courses = history.rows.flatMap((row, index) => {
    const points = isMeant(row) ? pointsOf(sweeps, scenario, metric.name, index) : [];
    return points.length ? [{ row, points }] : [];
  });
  const place = sweeps.at(-1)?.scenarios[scenario]?.place;
  const title = `${heading(metric)}, ${scenario}${place ? `, ${placeName(place)}` : ""}`;
  if (courses.length === 0) return el("p", {}, "No sweep of this machine has this figure of such a row.");
  const last = sweeps.length - 1;
  const across: [number, number] = [EDGE.left + 20, WIDTH - EDGE.right - 20];
  const scale = last > 0 ? scaleLinear([0, last], across) : () => (across[0] + across[1]) / 2;
  const shown = sweeps.map((sweep, index): [number, string] => [index, sweep.id.slice(0, 10)]);
  const step = Math.ceil(shown.length / 6);
  const x = { title: "sweep", at: scale, ticks: shown.filter((_, index) => index % step === 0) };
  const y = valueAxis(heading(metric), courses.flatMap(({ points }) => points.map(({ value }) => value)));
  const marks = courses.flatMap(({ row, points }) => {
    const there = points.map(({ sweep, value }): [number, number] => [scale(sweep), y.at(value)]);
    const releases = points.flatMap(({ sweep, value, isRelease }) =>
      isRelease ? [svg("circle", { cx: px(scale(sweep)), cy: px(y.at(value)), r: "6", class: "release" })] : [],
    );
    return [line(row, there), ...there.map(([left, top]) => dot(row, left, top)), ...releases];
  });
  const ends = courses.map(({ row, points }) => ({ name: row.name, at: y.at(points.at(-1)!.value) }));
  const cell = (points: Point[], index: number) => {
    const point = points.find(({ sweep }) => sweep === index);
    return point ? `${number(point.value)}${point.isRelease ? ` (${point.version})` : ""}` : "–";
  };
  const rows = courses.map(({ row, points }) => [row.name, ...sweeps.map((_, index) => cell(points, index))]);
  const drawing = plot(`${title}: ${courses.length} rows over ${sweeps.length} sweeps; the table below has the figures`, x, y, [...marks, ...endLabels(ends)]);
  return figure("history", title, "A ring marks the first sweep of another version of the framework.", drawing, ["Framework", ...sweeps.map(({ id }) => id)], rows);
}

void start();
