import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { Client } from "pg";
import { encodeIdentity } from "../../lib/identity.ts";
import type { SizedModel, SizedPartner } from "./size-partner.ts";
import type { Message, Since } from "./size-process.ts";

/** What one step cost. */
export interface Row extends Since {
  build: string;
  step: string;
  wallMs: number;
  /** What went wrong, or how much came. */
  note: string;
}

/** As `npm run catalog` sets it; the build of 3957ab0 sets nothing. */
const ALLOCATOR = { MALLOC_ARENA_MAX: "1", MALLOC_TRIM_THRESHOLD_: "131072" };
const SECRET = "the-secret-of-the-bench";
const STEP_LIMIT_MS = 240_000;
const ANY_NAME = 1e9;

/** A build with all that its catalogue needs. */
export interface World {
  name: string;
  root: string;
  serverUrl: string;
  partner: SizedPartner;
  /** A folder for profiles of the process. */
  profile: string | undefined;
  onRow: (row: Row) => void;
}

interface Catalogue {
  step: (name: string, work: Work, message?: Message) => Promise<Row>;
}

/** Asks the catalogue over HTTP. @throws Error for errors in the answer */
export type Ask = (query: string, variables?: object) => Promise<Record<string, unknown>>;
/** What it returns is the row's note. */
export type Work = (ask: Ask) => Promise<string | undefined>;

/** One build's catalogue in a fresh process before a fresh database, for the time of some steps. */
export async function withCatalogue(
  { name: build, root, serverUrl, partner, profile, onRow }: World,
  models: readonly SizedModel[],
  measure: (catalogue: Catalogue) => Promise<void>,
): Promise<void> {
  partner.serve(models);
  const database = `bench_size_${Math.floor(Math.random() * ANY_NAME)}`;
  await administer(serverUrl, `create database ${database}`);
  const url = new URL(serverUrl);
  url.pathname = `/${database}`;
  const child = fork(join(import.meta.dirname, "size-process.ts"), [root, url.href], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    execArgv: profile === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${resolve(profile)}`],
    env: {
      PATH: process.env["PATH"],
      PORT: "0",
      GATEWAY_SUBGRAPH_SECRET: SECRET,
      PLM_BASE_URL: partner.url,
      PLM_CLIENT_ID: "mrp-dev",
      PLM_CLIENT_SECRET: "mrp-dev-secret",
      PLM_DEADLINE_MS: "60000",
      PLM_SLOW_CALL_MS: "60000",
      PLM_BODY_LIMIT_MB: "128",
      PLM_BACKGROUND_READS_PER_SECOND: "100",
      LOG_LEVEL: process.env["LOG_LEVEL"],
      ...(existsSync(join(root, "run.cjs")) && ALLOCATOR),
    },
  });
  try {
    const { address } = await messageOf<{ address: string }>(child);
    const ask = asking(address);
    await measure({
      step: async (step, work, message = "since") => {
        await since(child, "since");
        const startedAt = performance.now();
        const note = await work(ask).catch((error: unknown) => String(error).slice(0, 80));
        const wallMs = performance.now() - startedAt;
        const row = { build, step, wallMs, note: note ?? "", ...(await since(child, message)) };
        onRow(row);
        return row;
      },
    });
  } finally {
    if (child.connected) {
      child.disconnect();
      await once(child, "exit");
    }
    await administer(serverUrl, `drop database ${database} with (force)`);
  }
}

async function since(child: ChildProcess, message: Message): Promise<Since> {
  child.send(message);
  return messageOf<Since>(child);
}

/** @throws Error when the process ends instead of answering */
async function messageOf<T>(child: ChildProcess): Promise<T> {
  const answered = new AbortController();
  const { signal } = answered;
  try {
    return await Promise.race([
      once(child, "message", { signal }).then(([message]) => message as T),
      once(child, "exit", { signal }).then(([code]) => {
        throw new Error(`the catalogue's process ended with ${String(code)}`);
      }),
    ]);
  } finally {
    answered.abort();
  }
}

function asking(address: string): Ask {
  return async (query, variables) => {
    const response = await fetch(`${address}/graphql`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "x-gateway-secret": SECRET,
        "x-gateway-identity": encodeIdentity({
          subject: "bench",
          scopes: ["plm.view", "workorders.write"],
          role: "supervisor",
          departments: [],
          tenant: "default",
        }),
      },
      body: JSON.stringify({ query, variables }),
      signal: AbortSignal.timeout(STEP_LIMIT_MS),
    });
    if (!response.ok) throw new Error(`status ${response.status}`);
    const { data, errors } = (await response.json()) as {
      data: Record<string, unknown>;
      errors?: { message: string }[];
    };
    if (errors?.[0]) throw new Error(errors[0].message);
    return data;
  };
}

async function administer(url: string, statement: string): Promise<void> {
  const admin = new Client({ connectionString: url });
  await admin.connect();
  try {
    await admin.query(statement);
  } finally {
    await admin.end();
  }
}
