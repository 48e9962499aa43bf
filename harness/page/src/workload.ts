/** What a reader's own workload needs with each row: processes, memory and money. */

import type { Data, Scenario } from "./data.ts";
import { el } from "./dom.ts";
import type { Limit } from "./law.ts";
import { carried, errors, levelsOf, memoryOf, nearest, needsOf } from "./law.ts";
import { table } from "./plot.ts";
import type { State } from "./state.ts";
import { isMeant } from "./table.ts";
import { number } from "./text.ts";

const HOURS_A_MONTH = 730;
const MIB_A_GIB = 1024;

/** What is asked for, by its key in the address. The values are examples, to be replaced by one's own. */
export const WISHES = {
  agents: { label: "Agents at once", value: 1000, least: 1 },
  calls: { label: "Model calls of a run", value: NaN, least: 1 },
  model: { label: "Time of a model call (ms)", value: NaN, least: 1 },
  p95: { label: "Allowed run time over the model's", value: 1.25, least: 1.01 },
  spare: { label: "Spare capacity (%)", value: 30, least: 0 },
  vcpu: { label: "Price of a vCPU-hour ($)", value: 0.04, least: 0 },
  gib: { label: "Price of a GiB-hour ($)", value: 0.005, least: 0 },
  tokens: { label: "Tokens of a model call", value: 2000, least: 0 },
  price: { label: "Price of a million tokens ($)", value: 1, least: 0 },
} as const;
export type WishKey = keyof typeof WISHES;
type Wishes = Record<WishKey, number>;

interface Answer {
  name: string;
  agents: number;
  /** The agents a processor that a search found. */
  searched: string | null;
  processes: number;
  gib: number;
  money: number;
  limit: Limit;
}

/** The scenario with the most levels of a closed loop; none where no scenario has two. */
export function basis(data: Data): Scenario | null {
  const levels = ({ places }: Scenario) =>
    places.filter(({ case: name, arrival }) => name === null && arrival === "closed").length;
  const most = data.scenarios.reduce<Scenario | null>((best, scenario) => (!best || levels(scenario) > levels(best) ? scenario : best), null);
  return most && levels(most) > 1 ? most : null;
}

function wishesOf(scenario: Scenario, state: State): Wishes {
  const own: Partial<Wishes> = { calls: scenario.calls, model: scenario.model_ms / scenario.calls };
  const value = (key: WishKey) => state.workload[key] ?? own[key] ?? WISHES[key].value;
  return Object.fromEntries(Object.keys(WISHES).map((key) => [key, value(key as WishKey)])) as Wishes;
}

/** What a row needs; `null` where it was not measured at two levels, or can't keep the allowed time at all. */
export function answer(data: Data, scenario: Scenario, row: number, wishes: Wishes): Answer | null {
  const levels = levelsOf(scenario, row);
  const highest = levels.at(-1);
  if (!highest || levels.length < 2) return null;
  // One process has the processors that a runner had when it was measured: what more would give was not measured.
  const cores = data.cpus;
  const scale = wishes.calls / scenario.calls;
  const model = wishes.calls * wishes.model;
  const at = (agents: number) => {
    const level = nearest(levels, agents) ?? highest;
    const needs = needsOf(levels, level, scenario.model_ms, cores);
    return carried({ ...needs, model, cpu: needs.cpu * scale, overhead: needs.overhead * scale }, wishes.p95, cores);
  };
  // CPU per run falls as a process gets warm and batches its work: that of the level nearest to what it will carry.
  const { agents, limit } = at(at(highest.agents).agents);
  // What a search found is no law's estimate, where it searched for what is asked.
  const found = searched(data, row);
  const isSearched = scale === 1 && model === scenario.model_ms && wishes.p95 === data.capacity?.p95_factor;
  const used = (found && isSearched ? found.agents * cores : agents) * (1 - wishes.spare / 100);
  if (used < 1) return null;
  const processes = Math.ceil(wishes.agents / used);
  const { base, slope } = memoryOf(levels);
  const gib = (processes * base + wishes.agents * slope) / MIB_A_GIB;
  const money = HOURS_A_MONTH * (processes * cores * wishes.vcpu + gib * wishes.gib);
  return { name: data.rows[row]?.name ?? "", agents, searched: found ? `${found.isLeast ? "≥ " : ""}${whole(found.agents)}` : null, processes, gib, money, limit };
}

/** The agents a processor that a search found, where the sweep has one. */
function searched({ capacity }: Data, row: number): { agents: number; isLeast: boolean } | null {
  const found = capacity?.rows.find(([own]) => own === row);
  return found ? { agents: found[1], isLeast: found[2] } : null;
}

export function workload(data: Data, state: State, go: (state: State) => void): HTMLElement | null {
  const scenario = basis(data);
  if (!scenario) return null;
  const wishes = wishesOf(scenario, state);
  const meant = data.rows.flatMap((row, index) => (isMeant(row, state) ? [index] : []));
  const answers = meant.map((index) => answer(data, scenario, index, wishes)).filter((answer) => answer !== null);
  answers.sort((one, other) => one.money - other.money);
  const missing = meant.length - answers.length;
  const isSearched = answers.some(({ searched }) => searched !== null);
  const header = ["Framework", "Agents a process", "Processes", "vCPU", "GiB", "$ a month", "Limited by"];
  if (isSearched) header.splice(2, 0, "Agents a vCPU by a search");
  const lines = answers.map(({ name, agents, searched, processes, gib, money, limit }) => {
    const line = [name, whole(agents), whole(processes), whole(processes * data.cpus), number(gib), number(money), limit];
    if (isSearched) line.splice(2, 0, searched ?? "–");
    return line;
  });
  return el(
    "section",
    { id: "workload", "aria-label": "Your workload" },
    el("h2", {}, "Your workload"),
    el("form", { class: "wishes", submit: (event) => event.preventDefault() }, ...inputs(wishes, state, go)),
    el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "What your workload needs" }, table(header, lines)),
    ...(missing ? [el("p", { class: "small" }, `${missing === 1 ? "1 row is" : `${missing} rows are`} left out: not measured at two loads, or slower than allowed even alone.`)] : []),
    el("p", {}, whetherItMatters(answers, wishes)),
    el("p", { class: "small" }, howItIsWorkedOut(data, scenario)),
  );
}

/** What there is no part of. */
function whole(count: number): string {
  return Math.floor(count).toLocaleString("en");
}

function inputs(wishes: Wishes, state: State, go: (state: State) => void): HTMLElement[] {
  return Object.entries(WISHES).map(([key, { label, least }]) => {
    const id = `wish-${key}`;
    const change = (event: Event) => {
      const value = Number((event.target as HTMLInputElement).value);
      const workload = { ...state.workload };
      if (Number.isFinite(value) && value >= least) workload[key as WishKey] = value;
      else delete workload[key as WishKey];
      go({ ...state, workload });
    };
    const value = String(Number(wishes[key as WishKey].toPrecision(4)));
    return el("label", { for: id }, label, el("input", { id, type: "number", step: "any", min: String(least), value, change }));
  });
}

function whetherItMatters(answers: Answer[], wishes: Wishes): string {
  const [cheapest, dearest] = [answers[0], answers.at(-1)];
  if (!cheapest || !dearest) return "No row carries this workload.";
  const runsAMonth = (wishes.agents * HOURS_A_MONTH * 3_600_000) / (wishes.calls * wishes.model);
  const tokens = (runsAMonth * wishes.calls * wishes.tokens * wishes.price) / 1_000_000;
  const spread = `From ${cheapest.name} to ${dearest.name}, the machines cost $${number(cheapest.money)} to $${number(dearest.money)} a month.`;
  if (tokens <= 0) return spread;
  const share = (money: number) => (money < tokens / 10_000 ? "under 0.01 %" : `${number((100 * money) / tokens)} %`);
  return `${spread} If all agents are busy all the time, the tokens cost $${number(tokens)}: the machines are ${share(cheapest.money)} to ${share(dearest.money)} of that.`;
}

function howItIsWorkedOut(data: Data, scenario: Scenario): string {
  const ratios = errors(scenario, data.rows.length, data.cpus).sort((one, other) => one - other);
  const law =
    "A run takes the longest of three times: the model's and what the row adds alone; the CPU time of all agents' runs over the processors; " +
    "the model's time of all agents over the requests that the row's client lets be in flight. ";
  const how = `Figures are those of ${scenario.name}, CPU in proportion to the model calls, a process on ${data.cpus === 1 ? "one processor" : `${data.cpus} processors`}; memory is a base and so much an agent, by least squares over the loads. Prices and tokens are examples: enter your own.`;
  const [least, most] = [ratios[0], ratios.at(-1)];
  if (least === undefined || most === undefined) return law + how;
  const middle = ratios[Math.floor(ratios.length / 2)]!;
  return `${law}${how} Held against this sweep's own ${ratios.length} cells with 50 or more agents at once, each with the CPU time that it took itself, the measured p95 is ${number(least)} to ${number(most)} times that time, ${number(middle)} in the median.`;
}
