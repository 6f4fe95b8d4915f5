import { onTestFinished } from "vitest";
import { startFleet, type Fleet } from "../../../fleet/fleet.ts";
import { freePorts } from "../../../fleet/processes.ts";
import type { Identity } from "../../../lib/identity.ts";
import { signToken } from "../../../lib/jwt.ts";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { openLiveHeap } from "./live-heap.ts";

/** Gateway, PLMS, catalogue, PAS and PLM, each in a process of its own, whose live heaps can be measured. */
export interface StormStack {
  fleet: Fleet;
  database: TestDatabase;
  /** Of the gateway. */
  port: number;
  /** A value of `authorization` for someone who may look, and write work orders. */
  bearer: (subject: string, ttlSeconds: number) => Promise<string>;
  /** A metric of the gateway, all of its labels summed up; with `label` only lines that contain it. */
  metric: (name: string, label?: string) => Promise<number>;
  /** By process. */
  liveBytes: () => Promise<Record<string, number>>;
}

const MEASURED = ["gateway", "plms", "catalog"] as const;

/** Starts it on a seeded database of its own, until the test has finished. */
export async function startStormStack(): Promise<StormStack> {
  const database = await createTestDatabase({ seed: true });
  onTestFinished(() => database.close());
  const [gatewayPort = 0, plmsPort = 0, catalogPort = 0] = await freePorts(MEASURED.length);
  const inspectors = { gateway: gatewayPort, plms: plmsPort, catalog: catalogPort };
  const inspected = (role: (typeof MEASURED)[number]) => ({
    NODE_OPTIONS: `--inspect-port=127.0.0.1:${inspectors[role]}`,
  });
  const fleet = await startFleet({
    databaseUrl: database.url,
    redisUrl: process.env["REDIS_URL"] || undefined,
    env: {
      // What is kept for those who come back fills up at once, so that it does not look like a leak.
      gateway: {
        SUBSCRIPTION_LINGER_SECONDS: "1",
        SUBSCRIPTION_KEPT_BYTES_MAX: "65536",
        ...inspected("gateway"),
      },
      plms: inspected("plms"),
      catalog: { PLM_CIRCUIT_OPEN_SECONDS: "2", ...inspected("catalog") },
      mocks: { PAS_SPEED: "60" },
    },
  });
  onTestFinished(fleet.close);
  const heaps = await Promise.all(
    MEASURED.map(async (role) => {
      const heap = await openLiveHeap(fleet.member(`${role}-1`).pid() ?? 0, inspectors[role]);
      onTestFinished(heap.close);
      return [role, heap] as const;
    }),
  );
  const settings = { secret: fleet.jwtSecret, issuer: "lifecycle-gateway", audience: "lifecycle-gateway" };
  const scopes = ["projects.view", "plm.view", "workorders.write"];
  return {
    fleet,
    database,
    port: Number(new URL(fleet.urls.gateway).port),
    bearer: async (subject, ttlSeconds) => {
      const identity: Identity = { subject, scopes, role: "supervisor", departments: [], tenant: "default" };
      return `Bearer ${await signToken(settings, identity, ttlSeconds)}`;
    },
    metric: async (name, label = "") => {
      const text = await (await fetch(`${fleet.urls.gateway}/metrics`)).text();
      const lines = text.split("\n").filter((line) => line.split(/[{ ]/)[0] === name && line.includes(label));
      return lines.reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
    },
    liveBytes: async () =>
      Object.fromEntries(
        await Promise.all(heaps.map(async ([role, heap]) => [role, await heap.bytes()] as const)),
      ),
  };
}
