import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { AggregatorRegistry, Counter, Gauge, Registry, type MetricObjectWithValues } from "prom-client";
import { systemClock } from "../../lib/clock.ts";
import { BACKLOG, unusableAddress, type Address, type Health } from "../../lib/http-server.ts";
import type { Log } from "../../lib/log.ts";
import type { Running } from "../../lib/process.ts";
import type { RateSettings } from "../limits/config.ts";
import { Crew } from "./crew.ts";
import type { CrewMember } from "./crew-member.ts";
import { createCommonBuckets, createLedger } from "./ledger.ts";
import type { Heard } from "./line.ts";
import type { HeldChange } from "./peers.ts";
import { levelOut } from "./level-out.ts";

/**
 * Runs a gateway as several processes on one port. This one accepts connections, gives each to the worker that has
 * fewest, and keeps what they share; SIGHUP replaces the workers one after the other.
 *
 * @throws Error when the port is not to be had or the workers do not start
 */
export async function runWorkers(
  workers: number,
  { config, log }: { config: Address & { limits: { rate: RateSettings } }; log: Log },
): Promise<Running & { url: string }> {
  const spend = createCommonBuckets(config.limits.rate, systemClock);
  const ledger = createLedger<CrewMember>(
    () => crew.serving,
    (member, changes) => member.line.tell("elsewhere", changes),
  );
  const own = createOwnMetrics(() => crew, workers);
  const heardBy = (member: CrewMember): Heard => ({
    left: (count: number) => {
      member.open -= count;
    },
    spend,
    held: (changes: readonly HeldChange[]) => ledger.held(member, changes),
    document: (told: unknown) => {
      for (const other of crew.serving) if (other !== member) other.line.tell("document", told);
    },
    health: () => healthOf(crew, workers),
    metrics: () => own.together(),
    callback: (message: unknown) => receiveElsewhere(crew, member, message),
  });
  const crew: Crew = new Crew({
    workers,
    log,
    heardBy,
    onReady: (member) => ledger.welcome(member),
    onGone: (member) => {
      ledger.gone(member);
      if (!member.isLeaving) own.died.inc();
    },
  });
  await crew.start().catch(async (error: unknown) => {
    await crew.close();
    throw error;
  });
  const server = createServer({ pauseOnConnect: true, noDelay: true, allowHalfOpen: true }, (socket) =>
    crew.hand(socket),
  );
  server.listen({ host: config.host, port: config.port, backlog: BACKLOG });
  await once(server, "listening").catch(async (error: unknown) => {
    await crew.close();
    throw unusableAddress(error, config);
  });
  const levelling = levelOut(() => crew.serving);
  process.on("SIGHUP", () => void crew.reload());
  return {
    url: urlOf(server.address() as AddressInfo),
    close: async () => {
      clearInterval(levelling);
      server.close();
      await crew.close();
    },
  };
}

const urlOf = ({ address, family, port }: AddressInfo) =>
  `http://${family === "IPv6" ? `[${address}]` : address}:${port}`;

/** One readiness for all: what any of them lacks is lacking, and a worker that is missing is said. */
async function healthOf({ serving }: Crew, workers: number): Promise<Health> {
  const all = await Promise.all(serving.map(({ line }) => line.ask<Health>("health")));
  const silent = all.filter((health) => health === undefined).length;
  const running = serving.length - silent;
  const merged: Health = {
    needed: {},
    wanted: { workers: running >= workers ? null : `${running} of ${workers} workers answer` },
  };
  for (const health of all) {
    for (const kind of ["needed", "wanted"] as const)
      for (const [check, problem] of Object.entries(health?.[kind] ?? {})) merged[kind][check] ??= problem;
  }
  return merged;
}

/** A subgraph's callback is for the worker that has opened the stream. */
async function receiveElsewhere({ serving }: Crew, asking: CrewMember, message: unknown): Promise<number> {
  const others = serving.filter((member) => member !== asking);
  const statuses = await Promise.all(others.map(({ line }) => line.ask<number>("callback", message)));
  return statuses.find((status) => status !== undefined && status !== 404) ?? 404;
}

/** What the primary counts itself, and the metrics of all as one text. */
function createOwnMetrics(crew: () => Crew, workers: number) {
  const registers = [new Registry()];
  const [registry] = registers;
  const died = new Counter({
    name: "gateway_workers_died_total",
    help: "Workers that ended unasked",
    registers,
  });
  const wanted = new Gauge({ name: "gateway_workers_wanted", help: "Workers that should run", registers });
  wanted.set(workers);
  const connections: Gauge<"worker"> = new Gauge({
    name: "gateway_worker_connections",
    help: "Open connections of each worker",
    labelNames: ["worker"],
    registers,
    collect: () => {
      connections.reset();
      for (const { number, open } of crew().serving) connections.set({ worker: String(number) }, open);
    },
  });
  return {
    died,
    together: async () => {
      const told = await Promise.all(
        crew().serving.map(({ line }) => line.ask<MetricObjectWithValues<never>[]>("metrics")),
      );
      const known = told.filter((metrics) => metrics !== undefined);
      return AggregatorRegistry.aggregate([...known, (await registry?.getMetricsAsJSON()) ?? []]).metrics();
    },
  };
}
