import { setTimeout as sleep } from "node:timers/promises";
import type { Drill, DrillContext } from "./support/drill.ts";
import { startPlmStack, type PlmStack } from "./plm/stack.ts";

const WATCH_MS = 10_000;
const QUICK_WATCH_MS = 2_000;
const SLOW_MS = 3_000;
/** Longer than anything that is under way at the PLM may take: a comparison has five seconds. */
const CALLS_END_MS = 15_000;
const FOLLOW_MS = 5_000;
const ENV = { PLM_POLL_SECONDS: "1", PLM_USAGE_FLUSH_MS: "100", PLM_USAGE_BACKOFF_MAX_MS: "1000" };

const CONFIG = "{ plmConfig { mode version cause } }";
const READ = "{ models { edges { node { code provenance { source fallbackReason } features { id } } } } }";
const RESULT =
  "__typename ... on SetPlmModeSuccess { config { mode cause } } ... on UserError { code message }";
const ROLLBACK = `mutation { result: rollbackPlm(reason: "drill") { ${RESULT} } }`;
const SET_MODE = `mutation ($input: SetPlmModeInput!) { result: setPlmMode(input: $input) { ${RESULT} } }`;
const CREATE = `mutation ($key: String!) { createWorkOrder(
  input: { modelId: "lx24", trimId: "lx24-base" }, idempotencyKey: $key) {
  ... on WorkOrderSuccess { workOrder { dataSource } } } }`;

interface Rehearsal extends Pick<DrillContext, "report"> {
  stack: PlmStack;
  watchMs: number;
}

/** Steps back from a PLM that has become slow, by configuration alone, and forward again. */
export const plmRollback: Drill = {
  name: "plm-rollback",
  promise:
    "two calls of rollbackPlm take every replica from enabled to shadow to disabled without a restart: dual reads, then not one call at the PLM, and orders are taken all the while",
  run: async ({ quick, report, defer }) => {
    const stack = await startPlmStack(defer, { replicas: 2, env: ENV });
    const rehearsal = { stack, report, watchMs: quick ? QUICK_WATCH_MS : WATCH_MS };
    await begin(rehearsal);
    await stepToShadow(rehearsal);
    await stepToDisabled(rehearsal);
    await stepForward(rehearsal);
  },
};

async function begin({ stack, report }: Rehearsal): Promise<void> {
  const sources = await readEverywhere(stack);
  report.check("while enabled, the PLM answers", isOnly(sources, /^PLM/), [...sources].join(", "));
  report.check("an order keeps the PLM's description", (await order(stack)) === "PLM");
  stack.plm.setFaults([{ path: "/plm/*", mode: "slow", latencyMs: SLOW_MS }]);
  report.did(`made the PLM take ${SLOW_MS} ms`);
}

async function stepToShadow(rehearsal: Rehearsal): Promise<void> {
  const { stack, report } = rehearsal;
  await rollBack(rehearsal, "SHADOW");
  const before = callsOf(stack);
  const { sources, slowestMs } = await readFor(rehearsal);
  report.check("in shadow mode, the MRP answers", isOnly(sources, /^MRP SHADOW$/), [...sources].join(", "));
  const dual = callsOf(stack) - before;
  report.check("and the PLM is read behind the callers' backs", dual > 0, `${dual} calls`);
  report.check("a slow PLM is not felt", slowestMs < SLOW_MS, `slowest answer ${Math.round(slowestMs)} ms`);
  report.check("an order keeps the MRP's description", (await order(stack)) === "MRP");
}

async function stepToDisabled(rehearsal: Rehearsal): Promise<void> {
  const { stack, report } = rehearsal;
  await rollBack(rehearsal, "DISABLED");
  stack.plm.setFaults([]);
  await untilCallsEnd(stack);
  const before = callsOf(stack);
  const { sources } = await readFor(rehearsal);
  await stack.ask({ query: "mutation { invalidatePlmCache }", as: "admin" });
  report.check("while disabled, the MRP answers", isOnly(sources, /^MRP DISABLED$/), [...sources].join(", "));
  report.check("an order is taken", (await order(stack)) === "MRP");
  const calls = callsOf(stack) - before;
  report.check("and the PLM gets no call at all", calls === 0, `${calls} calls`);
  const again = await change(stack, { query: ROLLBACK });
  report.check("there is no further step back", again.code === "CONFLICT", again.message);
}

async function stepForward({ stack, report }: Rehearsal): Promise<void> {
  const { version } = await configOf(stack, 0);
  const input = { mode: "ENABLED", reason: "drill", expectedVersion: String(Number(version) - 1) };
  const late = await change(stack, { query: SET_MODE, variables: { input } });
  report.check("who has not seen the latest change is refused", late.code === "CONFLICT", late.message);
  const now = await change(stack, {
    query: SET_MODE,
    variables: { input: { ...input, expectedVersion: version } },
  });
  report.check("the PLM is enabled again", now.config?.mode === "ENABLED");
  await followed(stack, "ENABLED");
  const sources = await readEverywhere(stack);
  report.check("and answers", isOnly(sources, /^PLM/), [...sources].join(", "));
  const arrived = await until(() => stack.plm.usage().events === 3, FOLLOW_MS);
  report.check(
    "the usage of all three orders has arrived, each once",
    arrived && stack.plm.usage().duplicates === 0,
  );
}

async function rollBack({ stack, report }: Rehearsal, mode: string): Promise<void> {
  const { config } = await change(stack, { query: ROLLBACK });
  report.check(`rollbackPlm leads to ${mode}`, config?.mode === mode && config.cause === "ROLLBACK");
  report.check("and every replica follows", await followed(stack, mode));
}

const followed = (stack: PlmStack, mode: string): Promise<boolean> =>
  until(async () => {
    for (let replica = 0; replica < stack.replicas; replica += 1)
      if ((await configOf(stack, replica)).mode !== mode) return false;
    return true;
  }, FOLLOW_MS);

interface Config {
  mode: string;
  version: string;
}

const configOf = async (stack: PlmStack, replica: number): Promise<Config> =>
  (await stack.read<{ plmConfig: Config }>({ query: CONFIG, replica })).plmConfig;

interface Changed {
  config?: { mode: string; cause: string };
  code?: string;
  message?: string;
}

async function change(
  stack: PlmStack,
  question: { query: string; variables?: Record<string, unknown> },
): Promise<Changed> {
  return (await stack.read<{ result: Changed }>({ ...question, as: "admin" })).result;
}

interface Created {
  createWorkOrder: { workOrder: { dataSource: string } };
}

async function order(stack: PlmStack): Promise<string> {
  const key = crypto.randomUUID();
  const question = { query: CREATE, variables: { key }, as: "supervisor" } as const;
  const { createWorkOrder } = await stack.read<Created>(question);
  return createWorkOrder.workOrder.dataSource;
}

interface ModelsRead {
  models: { edges: { node: { provenance: { source: string; fallbackReason: string | null } } }[] };
}

/** Sources of all models at all replicas. */
async function readEverywhere(stack: PlmStack): Promise<Set<string>> {
  const sources = new Set<string>();
  for (let replica = 0; replica < stack.replicas; replica += 1) {
    const { models } = await stack.read<ModelsRead>({ query: READ, replica });
    for (const { node } of models.edges) {
      const { source, fallbackReason } = node.provenance;
      sources.add(fallbackReason === null ? source : `${source} ${fallbackReason}`);
    }
  }
  return sources;
}

async function readFor({ stack, watchMs }: Rehearsal) {
  const endsAt = performance.now() + watchMs;
  const sources = new Set<string>();
  let slowestMs = 0;
  while (performance.now() < endsAt) {
    const startedAt = performance.now();
    for (const source of await readEverywhere(stack)) sources.add(source);
    slowestMs = Math.max(slowestMs, performance.now() - startedAt);
    await sleep(50);
  }
  return { sources, slowestMs };
}

const isOnly = (sources: ReadonlySet<string>, pattern: RegExp): boolean =>
  sources.size > 0 && [...sources].every((source) => pattern.test(source));

const callsOf = ({ plm }: PlmStack): number =>
  Object.values(plm.requests()).reduce((sum, count) => sum + count, 0);

/** Waits until nothing has been asked for a second: what was under way when the mode changed may end. */
/** A call that is under way is as slow as the fault made it, and more may follow it. */
async function untilCallsEnd(stack: PlmStack): Promise<void> {
  await until(async () => {
    const before = callsOf(stack);
    await sleep(SLOW_MS + 1_000);
    return callsOf(stack) === before;
  }, CALLS_END_MS);
}

async function until(holds: () => boolean | Promise<boolean>, patienceMs: number): Promise<boolean> {
  const endsAt = performance.now() + patienceMs;
  while (performance.now() < endsAt) {
    if (await holds()) return true;
    await sleep(20);
  }
  return false;
}
