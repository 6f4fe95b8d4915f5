import type { ChildProcess } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import type { GatewayClient } from "../../client/graph-client.ts";
import { endProcess, freePorts } from "../processes.ts";
import { waitFor } from "../../lib/wait.ts";
import type { Drill, DrillContext } from "./support/drill.ts";
import { summary } from "./support/figures.ts";
import { startRedis } from "./support/redis.ts";
import { get } from "./support/settle.ts";
import { startSystem } from "./support/system.ts";

const MODELS = "{ models(first: 10) { edges { node { code name provenance { source } } } } }";
/** The budget of a detail answer. */
const ANSWER_WITHIN_MS = 800;

/** Kills Redis, freezes it, brings it back. */
export const redisGone: Drill = {
  name: "redis-gone",
  promise: "without Redis everything is degraded and never wrong; /readyz and plmHealth say so",
  run: async (context) => {
    const { report, defer, quick } = context;
    const [port = 0] = await freePorts(1);
    const redis = await startRedis(port, defer);
    if (!redis) return report.did("nothing: there is no redis-server on this machine");
    const redisUrl = `redis://127.0.0.1:${port}`;
    const { client, fleet, traffic: start, settle } = await startSystem(context, { redisUrl });
    const before = await models(client);
    report.check("models are there", before.names.length === 4, before.sources);
    report.check("nothing is degraded", (await degraded(fleet.urls.catalog)) === undefined);
    const traffic = await start(2);
    for (const [what, away, back] of ways(redis, { port, defer })) {
      await away();
      report.did(what);
      const words = await waitFor(() => degraded(fleet.urls.catalog), {
        timeoutMs: 20_000,
        what: "/readyz to say so",
      });
      report.check("  /readyz says so and stays ready", true, words);
      const tookMs = await askFor(client, {
        before: before.names,
        durationMs: quick ? 1_000 : 5_000,
        report,
      });
      report.figure("  milliseconds of an answer", summary(tookMs));
      report.check("  within the budget", Math.max(...tookMs) < ANSWER_WITHIN_MS);
      await back();
      const healed = async () => (await degraded(fleet.urls.catalog)) === undefined;
      await waitFor(healed, { timeoutMs: 30_000, what: "/readyz to be content again" });
    }
    await settle(traffic);
  },
};

type Way = [what: string, away: () => Promise<void>, back: () => Promise<void>];

const ways = (
  first: ChildProcess,
  { port, defer }: { port: number; defer: DrillContext["defer"] },
): readonly Way[] => [
  [
    "froze Redis: it accepts connections and never answers",
    async () => void first.kill("SIGSTOP"),
    async () => void first.kill("SIGCONT"),
  ],
  [
    "killed Redis",
    async () => void (await endProcess(first, "SIGKILL")),
    async () => void (await startRedis(port, defer)),
  ],
];

async function models(client: GatewayClient): Promise<{ names: string[]; sources: string }> {
  interface Data {
    models: { edges: { node: { code: string; name: string; provenance: { source: string } } }[] };
  }
  const { data, errors } = await client.query<Data>(MODELS);
  if (errors) throw new Error(errors[0]?.message);
  const nodes = data.models.edges.map(({ node }) => node);
  return {
    names: nodes.map(({ code, name }) => `${code} ${name}`),
    sources: [...new Set(nodes.map(({ provenance }) => provenance.source))].join(", "),
  };
}

async function askFor(
  client: GatewayClient,
  { before, durationMs, report }: { before: string[]; durationMs: number; report: DrillContext["report"] },
): Promise<number[]> {
  const until = performance.now() + durationMs;
  const tookMs: number[] = [];
  const answers = new Set<string>();
  while (performance.now() < until) {
    const startedAt = performance.now();
    answers.add((await models(client)).names.join());
    tookMs.push(performance.now() - startedAt);
    await sleep(50);
  }
  report.check("  every answer is right", answers.size === 1 && answers.has(before.join()));
  return tookMs;
}

/** What the server says about itself while it stays ready. */
async function degraded(url: string): Promise<string | undefined> {
  const answer = await get<{ status: string }>(`${url}/readyz`);
  if (answer.status === "not ready") throw new Error("the catalogue is not ready any more");
  return answer.status === "ok" ? undefined : JSON.stringify(answer);
}
