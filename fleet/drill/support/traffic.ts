import { setTimeout as sleep } from "node:timers/promises";
import type { GatewayClient } from "../../../client/graph-client.ts";
import { StartProjectDocument } from "../../../schema/generated/documents.ts";

/** What callers were told; the truth that the databases are held to afterwards. */
export interface Ledger {
  /** Run ids by idempotency key, each set with one id if all is well. */
  runs: Map<string, Set<string>>;
  /** Work order ids by idempotency key. */
  orders: Map<string, Set<string>>;
  /** Attempts that were answered with a failure or not at all, by message. */
  refusals: Map<string, number>;
  /** Milliseconds from the first attempt to the acknowledgement, of everything. */
  waitsMs: number[];
}

export interface Traffic {
  ledger: Ledger;
  /** Ends when what is under way has been acknowledged. */
  stop(): Promise<void>;
  /** Ends it whatever is under way; harmless after `stop`. */
  abandon: () => void;
}

export interface TrafficOptions {
  client: GatewayClient;
  projectIds: readonly string[];
  /** Most runs that are started; work orders go on. */
  mostRuns: number;
  pauseMs: number;
}

interface Outcome {
  __typename: string;
  message?: string;
  run?: { id: string };
  workOrder?: { id: string };
}

const RETRY_MS = 100;
const ORDER = `mutation ($input: CreateWorkOrderInput!, $key: String!) {
  createWorkOrder(input: $input, idempotencyKey: $key) {
    __typename
    ... on WorkOrderSuccess { workOrder { id } }
    ... on UserError { message }
  }
}`;

/** One caller per project, each starting runs and writing work orders, and repeating every call until it succeeds. */
export function startTraffic(options: TrafficOptions): Traffic {
  const ledger: Ledger = { runs: new Map(), orders: new Map(), refusals: new Map(), waitsMs: [] };
  const state = { isStopping: false, runs: 0 };
  const abandonment = new AbortController();
  const untilDone = (attempt: () => Promise<string>) => repeat(attempt, ledger, abandonment.signal);
  const caller = async (projectId: string) => {
    for (let count = 0; !state.isStopping; count += 1) {
      if (state.runs < options.mostRuns) {
        state.runs += 1;
        const key = `drill-run-${projectId}-${count}`;
        note(ledger.runs, key, await untilDone(() => startRun(options.client, projectId, key)));
      }
      const key = `drill-order-${projectId}-${count}`;
      note(ledger.orders, key, await untilDone(() => createOrder(options.client, key)));
      await sleep(options.pauseMs);
    }
  };
  const callers = Promise.all(options.projectIds.map(caller));
  callers.catch(() => undefined);
  return {
    ledger,
    stop: async () => {
      state.isStopping = true;
      await callers;
    },
    abandon: () => abandonment.abort(new Error("the traffic was abandoned")),
  };
}

/** New projects with small tasks; no fault is supposed to be under way. */
export async function createProjects(
  client: GatewayClient,
  { count, tasks = 4 }: { count: number; tasks?: number },
): Promise<string[]> {
  const ids: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const { data, errors } = await client.query<{
      createProject: { project?: { id: string }; message?: string };
    }>(
      `mutation ($input: CreateProjectInput!) {
        createProject(input: $input) {
          ... on CreateProjectSuccess { project { id } }
          ... on UserError { message }
        }
      }`,
      {
        input: {
          name: `Drill ${index + 1}`,
          tasks: Array.from({ length: tasks }, (_, task) => ({ name: `Task ${task + 1}`, laneId: 4200 })),
        },
      },
    );
    const id = data?.createProject.project?.id;
    if (id === undefined) throw new Error(data?.createProject.message ?? JSON.stringify(errors));
    ids.push(id);
  }
  return ids;
}

async function startRun(client: GatewayClient, projectId: string, key: string): Promise<string> {
  const { data, errors } = await client.ask(StartProjectDocument, {
    input: { projectId, runKind: "BASELINE", writeSandbox: false, allowConcurrent: true },
    idempotencyKey: key,
  });
  return idOf(data?.startProject, errors);
}

async function createOrder(client: GatewayClient, key: string): Promise<string> {
  const input = { modelId: "lx24", trimId: "lx24-base" };
  const { data, errors } = await client.query<{ createWorkOrder: Outcome } | null>(ORDER, { input, key });
  return idOf(data?.createWorkOrder, errors);
}

function idOf(outcome: Outcome | undefined, errors: readonly { message: string }[] | undefined): string {
  const id = outcome?.run?.id ?? outcome?.workOrder?.id;
  if (id === undefined) throw new Error(errors?.[0]?.message ?? outcome?.message ?? "no answer");
  return id;
}

/** Until it succeeds. @throws the signal's reason once that is given */
async function repeat(
  attempt: () => Promise<string>,
  ledger: Ledger,
  abandoned: AbortSignal,
): Promise<string> {
  const startedAt = performance.now();
  for (;;) {
    try {
      const id = await attempt();
      ledger.waitsMs.push(performance.now() - startedAt);
      return id;
    } catch (error) {
      abandoned.throwIfAborted();
      const message = error instanceof Error ? error.message : String(error);
      ledger.refusals.set(message, (ledger.refusals.get(message) ?? 0) + 1);
      await sleep(RETRY_MS);
    }
  }
}

function note(book: Map<string, Set<string>>, key: string, id: string): void {
  book.set(key, (book.get(key) ?? new Set()).add(id));
}
