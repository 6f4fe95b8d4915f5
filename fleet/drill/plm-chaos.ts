import { setTimeout as sleep } from "node:timers/promises";
import { catalogue } from "../../mocks/plm/catalogue.ts";
import { createRandom, seedOf, type Random } from "../../mocks/seeded-random.ts";
import type { Drill, DrillContext } from "./support/drill.ts";
import { createOrderDesk } from "./plm/orders.ts";
import { checkUsage } from "./plm/usage.ts";
import { startPlmStack, type PlmStack } from "./plm/stack.ts";
import { createTruth, type ShownModel, type Truth } from "./plm/truth.ts";
import { drawFaults, drawMode, pick } from "./plm/weather.ts";

/** Decides every fault, mode and order. */
const SEED = 1;
const LENGTH_MS = 600_000;
const QUICK_LENGTH_MS = 30_000;
const READERS = 3;
const BREATH_MS = 40;
const DETAIL_P95_MS = 800;
const ENV = {
  PLM_CIRCUIT_OPEN_SECONDS: "1",
  PLM_POLL_SECONDS: "1",
  PLM_USAGE_FLUSH_MS: "200",
  PLM_USAGE_BACKOFF_MS: "200",
  PLM_USAGE_BACKOFF_MAX_MS: "5000",
  PLM_USAGE_MAX_ATTEMPTS: "1000",
};
const PROVENANCE = "provenance { source fetchedAt stale fallbackReason plmCorrelationId }";
const MODEL = `code name description trims { id code name } ${PROVENANCE}
  features { id code name partNumber isDefault isSelectable requires { id } excludes { id } ${PROVENANCE} }
  bom { lines { path code children { path code children { path code partNumber quantity } } } ${PROVENANCE} }`;
const READ = `query ($id: ID!) { model(id: $id) { ${MODEL} } }`;
const READ_ALL = `{ models { edges { node { ${MODEL} } } } }`;
const DETAIL = `query ($id: ID!) { workOrder(id: $id) { number status versionNumber dataSource trim { name }
  model { code provenance { source fallbackReason } } versions(first: 5) { edges { node { number reason } } } } }`;
const SET_MODE = `mutation ($input: SetPlmModeInput!) { setPlmMode(input: $input) { __typename
  ... on UserError { message } } }`;

interface Run {
  stack: PlmStack;
  truth: Truth;
  desk: ReturnType<typeof createOrderDesk>;
  random: Random;
  until: number;
  problems: string[];
  sources: Map<string, number>;
  detailMs: number[];
  faults: Map<string, number>;
}

/** Random faults of the PLM under readers, planners and a mode that changes all the time. */
export const plmChaos: Drill = {
  name: "plm-chaos",
  promise:
    "whatever the PLM does, every answer is right and says where it came from, and no work order or usage event is lost",
  run: async ({ quick, report, defer }) => {
    const stack = await startPlmStack(defer, { replicas: 2, env: ENV });
    const run = await storm(stack, quick ? QUICK_LENGTH_MS : LENGTH_MS);
    tell(run, report);
    tellUsage(await checkUsage(stack, run.desk.orders), report);
  },
};

interface AllModels {
  models: { edges: { node: ShownModel }[] };
}

interface ShownOrder {
  versionNumber: number;
  model: { provenance: { source: string | null } };
}

async function storm(stack: PlmStack, lengthMs: number): Promise<Run> {
  const randomFor = (what: string, index = 0) => createRandom(seedOf(SEED, what, index));
  const run: Run = {
    stack,
    truth: createTruth(),
    desk: createOrderDesk(stack, randomFor("orders")),
    random: randomFor("weather"),
    until: performance.now() + lengthMs,
    problems: [],
    sources: new Map(),
    detailMs: [],
    faults: new Map(),
  };
  await learn(run);
  const readers = Array.from({ length: READERS }, (_, index) => read(run, randomFor("reader", index)));
  await Promise.all([changeWeather(run), changeMode(run), plan(run), ...readers]);
  stack.plm.setFaults([]);
  await setMode(run, { mode: "ENABLED", models: [] });
  return run;
}

/** What every product is, as the MRP says before anything goes wrong. */
async function learn(run: Run): Promise<void> {
  const { stack, truth } = run;
  await setMode(run, { mode: "DISABLED", models: [] });
  const { models } = await stack.read<AllModels>({ query: READ_ALL });
  for (const { node } of models.edges) truth.know(node);
  stack.plm.setModels(truth.revise(catalogue));
}

async function changeWeather({ stack, truth, random, until, faults }: Run): Promise<void> {
  while (performance.now() < until) {
    if (random() < 0.3) stack.plm.setModels(truth.revise(catalogue));
    if (random() < 0.1) stack.plm.revokeTokens();
    if (random() < 0.3) await stack.ask({ query: "mutation { invalidatePlmCache }", as: "admin" });
    const rules = drawFaults(random);
    for (const { mode } of rules) faults.set(mode, (faults.get(mode) ?? 0) + 1);
    stack.plm.setFaults(rules);
    await sleep(200 + random() * 2_000);
  }
}

async function changeMode(run: Run): Promise<void> {
  while (performance.now() < run.until) {
    await setMode(run, drawMode(run.random));
    await sleep(2_000 + run.random() * 6_000);
  }
}

async function setMode(run: Run, wish: ReturnType<typeof drawMode>): Promise<void> {
  run.truth.switched(wish);
  const input = { ...wish, reason: "drill" };
  const question = { query: SET_MODE, variables: { input }, as: "admin" } as const;
  const { data, errors } = await run.stack.ask<{ setPlmMode: { __typename: string } }>(question);
  if (data?.setPlmMode.__typename !== "SetPlmModeSuccess")
    run.problems.push(`the mode could not be set: ${JSON.stringify(data ?? errors)}`);
  run.truth.switched(wish);
}

async function plan({ desk, until }: Run): Promise<void> {
  while (performance.now() < until) {
    await desk.act();
    await sleep(BREATH_MS);
  }
}

async function read(run: Run, random: Random): Promise<void> {
  const { stack, desk, until } = run;
  while (performance.now() < until) {
    const replica = Math.floor(random() * stack.replicas);
    const order = [...desk.orders.keys()].at(-1);
    if (order !== undefined && random() < 0.3) await readOrder(run, order, replica);
    else await readModels(run, random, replica);
    await sleep(BREATH_MS);
  }
}

async function readModels(
  { stack, truth, problems, sources }: Run,
  random: Random,
  replica: number,
): Promise<void> {
  const startedAtMs = Date.now();
  const one = random() < 0.7;
  const { status, data, errors } = one
    ? await stack.ask<{ model: ShownModel }>({
        query: READ,
        variables: { id: pick(random, ["lx21", "lx22", "lx24", "lx26"]) },
        replica,
      })
    : await stack.ask<AllModels>({ query: READ_ALL, replica });
  if (status !== 200 || errors || !data)
    return void problems.push(`a reading failed: ${status} ${JSON.stringify(errors)}`);
  const models = "model" in data ? [data.model] : data.models.edges.map(({ node }) => node);
  for (const model of models) {
    const { source, fallbackReason } = model.provenance;
    const label = fallbackReason === null ? source : `${source} ${fallbackReason}`;
    sources.set(label, (sources.get(label) ?? 0) + 1);
    const problem = truth.problemOf({ model, startedAtMs });
    if (problem !== undefined)
      problems.push(`${model.code}: ${problem} (${JSON.stringify(model.provenance)})`);
  }
}

async function readOrder(
  { stack, problems, detailMs, desk }: Run,
  id: string,
  replica: number,
): Promise<void> {
  const before = desk.orders.get(id);
  const { status, data, errors, durationMs } = await stack.ask<{ workOrder: ShownOrder | null }>({
    query: DETAIL,
    variables: { id },
    as: "supervisor",
    replica,
  });
  detailMs.push(durationMs);
  const order = data?.workOrder;
  if (status !== 200 || errors || !order?.model.provenance.source)
    return void problems.push(`an order could not be read: ${status} ${JSON.stringify(errors ?? order)}`);
  if (order.versionNumber < (before?.versionNumber ?? 1))
    problems.push(`order ${id} lost its version ${before?.versionNumber}`);
}

function tell({ problems, sources, faults, detailMs, desk }: Run, report: DrillContext["report"]): void {
  report.figure("answersBySource", shown(sources));
  report.figure("faultsByMode", shown(faults));
  const answers = [...sources.values()].reduce((sum, count) => sum + count, 0);
  report.check(`all ${answers} answers are right`, problems.length === 0, firstOf(problems));
  report.check(
    `all ${desk.orders.size} orders were taken`,
    desk.problems.length === 0,
    firstOf(desk.problems),
  );
  const sorted = detailMs.toSorted((a, b) => a - b);
  const p95Ms = sorted[Math.ceil(sorted.length * 0.95) - 1] ?? 0;
  report.figure("orderDetails", sorted.length);
  report.figure("orderDetailP95Ms", p95Ms);
  report.figure("orderDetailMaxMs", sorted.at(-1) ?? 0);
  report.check(`the detail of an order takes less than ${DETAIL_P95_MS} ms at P95`, p95Ms < DETAIL_P95_MS);
}

const shown = (counts: ReadonlyMap<string, number>): string =>
  [...counts]
    .map(([label, count]) => `${label} ${count}`)
    .sort()
    .join(", ");

const firstOf = (problems: readonly string[]): string | undefined =>
  problems.length === 0
    ? undefined
    : `${problems.length} problems, the first: ${problems.slice(0, 3).join("; ")}`;

function tellUsage(
  { problems, counts }: Awaited<ReturnType<typeof checkUsage>>,
  report: DrillContext["report"],
): void {
  for (const [name, count] of Object.entries(counts)) report.figure(name, count);
  report.check("the PLM has every usage event, each once", problems.length === 0, firstOf(problems));
}
