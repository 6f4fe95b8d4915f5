import { setTimeout as sleep } from "node:timers/promises";
import { print } from "graphql";
import { WebSocket } from "ws";
import { createLiveClient } from "../../client/live-client.ts";
import type { GatewayClient } from "../../client/graph-client.ts";
import {
  BudgetRunwayDocument,
  PortfolioDocument,
  ProjectMetricsDocument,
  SimulateProjectDocument,
  StartProjectDocument,
} from "../../schema/generated/documents.ts";
import { waitFor } from "../../lib/wait.ts";

export const OPERATIONS = ["start", "simulate", "metrics", "portfolio"] as const;
type Operation = (typeof OPERATIONS)[number];

export interface LoadOptions {
  /** Callers take turns. */
  clients: readonly GatewayClient[];
  /** Addresses of gateways; sockets are spread over them. */
  gatewayUrls: readonly string[];
  token: string;
  /** One caller each. */
  projectIds: readonly string[];
  sockets: number;
  seconds: number;
  /** Pause of a caller between two calls. */
  thinkMs: number;
  onTick?: (elapsedSeconds: number) => Promise<void>;
}

export interface LoadResult {
  /** Milliseconds of every answer, refusals too, without those that failed. */
  latencyMs: Record<Operation, number[]>;
  failures: Map<string, number>;
  /** Ids of started runs by idempotency key. */
  runs: Map<string, string>;
  events: number;
  socketProblems: string[];
}

const CONNECT_AT_ONCE = 50;

/** Callers that start, simulate and look, and sockets that watch budgets, for a bounded time. */
export async function runLoad(options: LoadOptions): Promise<LoadResult> {
  const result: LoadResult = {
    latencyMs: { start: [], simulate: [], metrics: [], portfolio: [] },
    failures: new Map(),
    runs: new Map(),
    events: 0,
    socketProblems: [],
  };
  const closeSockets = await openSockets(options, result);
  const endsAt = performance.now() + options.seconds * 1_000;
  const callers = options.projectIds.map((projectId, index) => {
    const client = options.clients[index % options.clients.length];
    if (!client) throw new Error("load needs a client");
    return call({ client, projectId, endsAt, thinkMs: options.thinkMs }, result);
  });
  const ticking = tick(options, endsAt);
  await Promise.all([...callers, ticking]);
  await closeSockets();
  return result;
}

async function tick({ seconds, onTick }: LoadOptions, endsAt: number): Promise<void> {
  // Enough readings for a line through them.
  const everyMs = Math.max(500, (seconds * 1_000) / 120);
  if (!onTick) return;
  while (performance.now() < endsAt) {
    await onTick(seconds - (endsAt - performance.now()) / 1_000);
    await sleep(everyMs);
  }
}

interface CallerOptions {
  client: GatewayClient;
  projectId: string;
  endsAt: number;
  thinkMs: number;
}

async function call(
  { client, projectId, endsAt, thinkMs }: CallerOptions,
  result: LoadResult,
): Promise<void> {
  const key = `load-${projectId}`;
  const input = { projectId, runKind: "BASELINE" as const, writeSandbox: false };
  const script: Record<Operation, () => Promise<unknown>> = {
    start: async () => {
      const { data, errors } = await client.ask(StartProjectDocument, { input, idempotencyKey: key });
      const run =
        data?.startProject.__typename === "StartProjectSuccess" ? data.startProject.run.id : undefined;
      if (run === undefined) throw new Error(errors?.[0]?.message ?? JSON.stringify(data));
      if ((result.runs.get(key) ?? run) !== run) throw new Error(`two runs for the key ${key}`);
      result.runs.set(key, run);
    },
    simulate: () =>
      expectData(client.ask(SimulateProjectDocument, { input: { projectId, rehearsalPct: 0.1, seed: 7 } })),
    metrics: () => expectData(client.ask(ProjectMetricsDocument, { projectId })),
    portfolio: () => expectData(client.ask(PortfolioDocument, {})),
  };
  await sleep(Math.random() * thinkMs);
  while (performance.now() < endsAt) {
    for (const operation of OPERATIONS) {
      const startedAt = performance.now();
      try {
        await script[operation]();
        result.latencyMs[operation].push(performance.now() - startedAt);
      } catch (error) {
        const message = `${operation}: ${error instanceof Error ? error.message : String(error)}`;
        result.failures.set(message, (result.failures.get(message) ?? 0) + 1);
      }
      await sleep(thinkMs);
    }
  }
}

async function expectData(
  answer: Promise<{ errors: readonly { message: string }[] | undefined }>,
): Promise<void> {
  const { errors } = await answer;
  if (errors) throw new Error(errors[0]?.message);
}

/** Opens the sockets in portions and waits until each has its first event. */
async function openSockets(options: LoadOptions, result: LoadResult): Promise<() => Promise<void>> {
  const { gatewayUrls, sockets, projectIds, token } = options;
  const clients: { close(): Promise<void> }[] = [];
  const live = new Set<number>();
  for (let index = 0; index < sockets; index += 1) {
    const url = `${gatewayUrls[index % gatewayUrls.length]?.replace("http", "ws")}/graphql`;
    const client = createLiveClient({ url, token: () => token, webSocketImpl: WebSocket });
    clients.push(client);
    client.subscribe(
      { query: print(BudgetRunwayDocument), variables: { projectId: projectIds[index % projectIds.length] } },
      {
        next: ({ errors }) => {
          result.events += 1;
          live.add(index);
          if (errors) result.socketProblems.push(errors[0]?.message ?? "");
        },
        error: (errors) => result.socketProblems.push(errors[0]?.message ?? ""),
        complete: () => result.socketProblems.push("completed"),
      },
    );
    if (index % CONNECT_AT_ONCE === CONNECT_AT_ONCE - 1 || index === sockets - 1) {
      await waitFor(() => live.size === index + 1, {
        timeoutMs: 60_000,
        what: `${index + 1} sockets to be live`,
      });
    }
  }
  return async () => {
    await Promise.all(clients.map((client) => client.close()));
  };
}
