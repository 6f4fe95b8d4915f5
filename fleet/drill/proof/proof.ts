import { setTimeout as sleep } from "node:timers/promises";
import { sql } from "kysely";
import { createNatsBroker } from "../../../lib/broker/nats-broker.ts";
import { createLog } from "../../../lib/log.ts";
import { waitFor } from "../../../lib/wait.ts";
import { createRandom } from "../../../mocks/seeded-random.ts";
import { startNatsServer } from "../../../test/support/nats-server.ts";
import type { Fleet } from "../../fleet.ts";
import { endProcess, freePorts } from "../../processes.ts";
import type { DrillDatabase } from "../support/database.ts";
import type { Drill, DrillContext } from "../support/drill.ts";
import { summary } from "../support/figures.ts";
import { own } from "../support/own.ts";
import { startRedis } from "../support/redis.ts";
import { startSystem } from "../support/system.ts";
import { composeWithLedger, startPublisher, type Publisher } from "./ledger-stream.ts";
import { openWatchers, spentIn, type Watchers } from "./watchers.ts";

interface Size {
  rounds: number;
  sockets: number;
  /** Subscriptions of numbers on each socket; one of a budget comes with them. */
  each: number;
  projects: number;
  topics: number;
  /** Between two numbers of a topic. */
  everyMs: number;
}

const FULL: Size = { rounds: 50, sockets: 2_000, each: 9, projects: 100, topics: 20, everyMs: 2_000 };
const QUICK: Size = { rounds: 5, sockets: 40, each: 4, projects: 4, topics: 4, everyMs: 200 };
const BROKER_RETENTION = { seconds: 3_600, bytes: 1_073_741_824 };
const BACK_WITHIN_MS = 120_000;

/** kill -9 of anything, the broker too, under subscriptions that resume at any gateway. */
export const proof: Drill = {
  name: "proof",
  promise:
    "kill -9 of any gateway, subgraph, PostgreSQL, Redis or JetStream loses nothing that was acknowledged, doubles nothing and changes no order",
  run: async (context) => {
    const { defer, report } = context;
    const size = sizeOf(context.quick);
    const parts = await startParts(context);
    const topics = Array.from({ length: size.topics }, (_, index) => `t${index}`);
    const traffic = await parts.system.traffic(size.projects);
    const { rows } = await sql<{
      id: string;
    }>`select id from plms.projects order by id desc limit ${size.projects}`.execute(
      parts.system.database.db,
    );
    const watchers = openWatchers(
      {
        ...size,
        topics,
        nextUrl: inTurns(parts.system.fleet),
        token: await parts.system.fleet.token("admin"),
        projectIds: rows.map(({ id }) => id),
      },
      defer,
    );
    const publisher = startPublisher(parts.broker, { topics, everyMs: size.everyMs });
    defer(() => publisher.abandon());
    await waitFor(() => watchers.numbers.every(({ first }) => first !== undefined), {
      timeoutMs: BACK_WITHIN_MS,
      what: "every subscription to have a number",
    });
    report.did(
      `${size.sockets} sockets with ${watchers.numbers.length + watchers.budgets.length} subscriptions, ${size.projects} projects`,
    );
    await killInTurns(parts, { size, watchers, publisher, report });
    await publisher.stop();
    await parts.system.settle(traffic);
    await settled(watchers, publisher).catch(() => undefined);
    await sleep(1_000);
    judge(watchers, publisher, report);
    await judgeBudgets(watchers, parts.system.database, report);
  },
};

/** `DRILL_PROOF=rounds,sockets,each,projects` for another size. */
function sizeOf(quick: boolean): Size {
  const usual = quick ? QUICK : FULL;
  const [rounds, sockets, each, projects] = process.env["DRILL_PROOF"]?.split(",").map(Number) ?? [];
  return {
    ...usual,
    rounds: rounds ?? usual.rounds,
    sockets: sockets ?? usual.sockets,
    each: each ?? usual.each,
    projects: projects ?? usual.projects,
  };
}

interface Parts {
  system: Awaited<ReturnType<typeof startSystem>>;
  broker: ReturnType<typeof createNatsBroker>;
  /** What can be killed, by name; each comes back as it was. */
  victims: ReadonlyMap<string, { kill(): Promise<unknown>; start(): Promise<unknown> }>;
}

async function startParts(context: DrillContext): Promise<Parts> {
  const { defer } = context;
  const nats = await own(defer, startNatsServer, (server) => server.close());
  const [redisPort = 0] = await freePorts(1);
  let redis = await startRedis(redisPort, defer);
  if (!redis) throw new Error("there is no redis-server on this machine");
  const system = await startSystem(context, {
    gateways: 3,
    plms: 2,
    catalogs: 2,
    redisUrl: `redis://127.0.0.1:${redisPort}`,
    env: {
      gateway: {
        EVENT_BROKER_URL: nats.url,
        SUPERGRAPH_FILE: await composeWithLedger(defer),
        // Thousands of subscriptions of one person come back at once here.
        RATE_LIMIT_PER_SECOND: "100000",
        RATE_LIMIT_BURST: "100000",
        SUBSCRIPTIONS_PER_IDENTITY: "100000",
      },
    },
  });
  const broker = createNatsBroker({
    url: nats.url,
    stream: "events",
    subjects: ["events.>"],
    retention: BROKER_RETENTION,
    log: createLog({ name: "proof", level: "silent" }),
  });
  defer(() => broker.close());
  const victims = new Map<string, { kill(): Promise<unknown>; start(): Promise<unknown> }>(
    system.fleet.members.map((member) => [member.name, member]),
  );
  victims.set("jetstream", { kill: () => nats.kill(), start: () => nats.restart() });
  victims.set("postgres", system.database);
  victims.set("redis", {
    kill: async () => redis && endProcess(redis, "SIGKILL"),
    start: async () => {
      redis = await startRedis(redisPort, defer);
    },
  });
  return { system, broker, victims };
}

/** The addresses of the gateways that run, one after the other. */
function inTurns({ gateways }: Fleet): () => string {
  let turn = 0;
  return () => {
    const running = gateways.filter((gateway) => gateway.isRunning());
    const chosen = running[(turn += 1) % Math.max(1, running.length)] ?? gateways[0];
    return `${chosen?.url.replace("http", "ws")}/graphql`;
  };
}

interface Proving {
  size: Size;
  watchers: Watchers;
  publisher: Publisher;
  report: DrillContext["report"];
}

async function killInTurns(
  { victims }: Parts,
  { size, watchers, publisher, report }: Proving,
): Promise<void> {
  const random = createRandom(7);
  const readyMs = new Map<string, number[]>();
  const servedMs: number[] = [];
  const names = [...victims.keys()];
  for (let round = 0; round < size.rounds; round += 1) {
    const name = names[round % names.length] ?? "";
    const victim = victims.get(name);
    await sleep(200 + random() * 800);
    const startedMs = performance.now();
    watchers.touching(name);
    await victim?.kill();
    await victim?.start();
    readyMs.set(name, [...(readyMs.get(name) ?? []), performance.now() - startedMs]);
    const wanted = new Map(publisher.acknowledged);
    await waitFor(() => haveAll(watchers, wanted), {
      timeoutMs: BACK_WITHIN_MS,
      what: `everybody to have what was acknowledged when ${name} was back`,
    }).catch((cause: unknown) => {
      throw new Error(behind(watchers, wanted), { cause });
    });
    servedMs.push(performance.now() - startedMs);
  }
  report.did(`${size.rounds} rounds of kill -9: ${names.join(", ")} in turn`);
  for (const [name, values] of readyMs)
    report.figure(`milliseconds from kill to ready, ${name}`, summary(values));
  report.figure("milliseconds from kill until everybody has all events", summary(servedMs));
  report.figure("cuts of connections", watchers.cuts());
  report.figure("publishings that were not acknowledged and repeated", publisher.repeated());
}

const haveAll = ({ numbers }: Watchers, wanted: ReadonlyMap<string, number>): boolean =>
  numbers.every(({ topic, last }) => last >= (wanted.get(topic) ?? 0));

/** Who has not had what was acknowledged. */
function behind({ numbers }: Watchers, wanted: ReadonlyMap<string, number>): string {
  const late = numbers.filter(({ topic, last }) => last < (wanted.get(topic) ?? 0));
  const places = late
    .slice(0, 5)
    .map(({ topic, last }) => `${last} of ${wanted.get(topic)} of ${topic}`)
    .join(", ");
  return `${late.length} of ${numbers.length} subscriptions are behind: ${places}`;
}

const settled = (watchers: Watchers, { acknowledged }: Publisher): Promise<unknown> =>
  waitFor(() => haveAll(watchers, acknowledged), {
    timeoutMs: BACK_WITHIN_MS,
    what: "everybody to have everything",
  });

/** The table: what was acknowledged, what each subscription has of it, and what is missing. */
function judge(watchers: Watchers, { acknowledged }: Publisher, report: DrillContext["report"]): void {
  const sum = (pick: (watch: Watchers["numbers"][number]) => number) =>
    watchers.numbers.reduce((total, watch) => total + pick(watch), 0);
  const expected = sum(({ topic, first = 0 }) => (acknowledged.get(topic) ?? 0) - first + 1);
  const missing = sum(({ topic, last, lost }) => lost + Math.max(0, (acknowledged.get(topic) ?? 0) - last));
  const rows = {
    "events acknowledged by the broker": [...acknowledged.values()].reduce((a, b) => a + b, 0),
    "deliveries due to subscriptions": expected,
    found: expected - missing,
    missing: missing,
    doubled: sum(({ doubled }) => doubled),
    "out of order": sum(({ disordered }) => disordered),
    "said to follow a gap": sum(({ gaps }) => gaps),
  };
  for (const [name, value] of Object.entries(rows)) report.figure(name.padEnd(34), value);
  const losses = [...watchers.losses].map(([loss, count]) => `${loss} (${count} subscriptions)`);
  report.check(
    "nothing acknowledged is missing",
    rows.missing === 0,
    losses.slice(0, 10).join(", ") || undefined,
  );
  report.check("nothing came twice", rows.doubled === 0);
  report.check("nothing came out of order", rows["out of order"] === 0);
  report.check("nobody was told of a gap", rows["said to follow a gap"] === 0);
  const problems = [...watchers.problems].map(([problem, count]) => `${count} × ${problem}`);
  report.check(
    "no subscription had a problem",
    problems.length === 0,
    problems.slice(0, 3).join(" | ") || undefined,
  );
}

/** Budgets are states: everybody ends with what is stored, and nobody was taken back on the way. */
async function judgeBudgets(
  { budgets }: Watchers,
  { db }: DrillDatabase,
  report: DrillContext["report"],
): Promise<void> {
  const stored = await spentIn(db);
  const areRight = () =>
    budgets.every(
      ({ projectId, usdSpent }) => Math.abs((usdSpent ?? -1) - (stored.get(projectId) ?? 0)) < 1e-6,
    );
  await waitFor(areRight, { timeoutMs: 30_000, what: "budgets" }).catch(() => undefined);
  report.check("every budget ended with what is stored", areRight(), `${budgets.length} subscriptions`);
  const back = budgets.reduce((sum, { backwards }) => sum + backwards, 0);
  report.check("no budget was taken back in time", back === 0, `${back}`);
}
