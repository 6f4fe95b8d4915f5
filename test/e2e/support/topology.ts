import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { localToken } from "../../../gateway/token/local-token.ts";
import type { Role } from "../../../lib/identity.ts";
import { readStandaloneConfig } from "../../../standalone/config.ts";
import { startStack, type StackUrls } from "../../../standalone/stack.ts";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { startFleet } from "../../../fleet/fleet.ts";
import type { RunningParts } from "./running-parts.ts";

export type TopologyKind = "one process" | "separate processes";

/** Everything running, somewhere. */
export interface Topology {
  urls: StackUrls;
  database: TestDatabase;
  /** Valid for ten minutes unless said otherwise. */
  token(role: Role, ttlSeconds?: number): Promise<string>;
  close(): Promise<void>;
}

/** Long enough to see it open, shorter than people would want it. */
const CATALOG = { PLM_CIRCUIT_OPEN_SECONDS: "4" };

/** Starts the whole system on a seeded database of its own and free ports; `env` is for the one process, `catalog` for its catalogue. */
export async function startTopology(
  kind: TopologyKind,
  env: Readonly<Record<string, string>> = {},
  catalog: Readonly<Record<string, string>> = {},
): Promise<Topology> {
  const database = await createTestDatabase({ seed: true });
  const parts =
    kind === "one process"
      ? await startInProcess(database.url, env, catalog)
      : await startSeparately(database.url);
  const settings = { secret: parts.jwtSecret, issuer: "lifecycle-gateway", audience: "lifecycle-gateway" };
  return {
    urls: parts.urls,
    database,
    token: (role, ttlSeconds = 600) => localToken(settings, role, ttlSeconds),
    close: async () => {
      await parts.close();
      await database.close();
    },
  };
}

async function startInProcess(
  databaseUrl: string,
  env: Readonly<Record<string, string>>,
  catalog: Readonly<Record<string, string>>,
): Promise<RunningParts> {
  const dataDir = mkdtempSync(join(tmpdir(), "lifecycle-e2e-"));
  const anyPort = { PORT: "0", PLMS_PORT: "0", CATALOG_PORT: "0", PAS_PORT: "0", PLM_PORT: "0" };
  const config = readStandaloneConfig({
    ...anyPort,
    DATABASE_URL: databaseUrl,
    DATA_DIR: dataDir,
    LOG_LEVEL: "silent",
    REDIS_URL: process.env["REDIS_URL"],
    ...env,
  });
  const stack = await startStack(config, { pasSpeed: 60, catalog: { ...CATALOG, ...catalog } });
  return {
    urls: stack.urls,
    jwtSecret: stack.secrets.jwtSecret,
    close: async () => {
      await stack.close();
      rmSync(dataDir, { recursive: true });
    },
  };
}

async function startSeparately(databaseUrl: string): Promise<RunningParts> {
  const redisUrl = process.env["REDIS_URL"] || undefined;
  const fleet = await startFleet({ databaseUrl, redisUrl, env: { catalog: CATALOG } });
  const { urls, jwtSecret, close } = fleet;
  return { urls, jwtSecret, close };
}
