import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { SECRETS, startFleet } from "../../fleet/fleet.ts";
import { createEmptyDatabase } from "../support/database.ts";
import { waitFor } from "../../lib/wait.ts";
import { isFull } from "../support/depth.ts";

const root = join(import.meta.dirname, "../..");
const deploy = join(root, "deploy");

interface Service {
  command: string[];
  environment: Record<string, string>;
  volumes?: string[];
}

const { services } = parse(readFileSync(join(deploy, "compose.yaml"), "utf8"), { merge: true }) as {
  services: Record<"migrate" | "plms", Service>;
};

/** The file of this repository that compose shows a process under a path. */
function mounted({ volumes = [] }: Service, path: string | undefined): string {
  const [source] = volumes.find((volume) => volume.split(":")[1] === path)?.split(":") ?? [];
  if (source === undefined) throw new Error(`compose.yaml mounts nothing at ${path}`);
  return join(deploy, source);
}

test.runIf(isFull)(
  "an empty database, installed as compose does, runs a project to its end without demo data",
  async () => {
    const database = await createEmptyDatabase();
    execFileSync(process.execPath, services.migrate.command, {
      cwd: root,
      env: { ...process.env, ...SECRETS, DATABASE_URL: database.url, LOG_LEVEL: "silent" },
    });
    const lanesFile = mounted(services.plms, services.plms.environment["LANES_FILE"]);
    const fleet = await startFleet({
      databaseUrl: database.url,
      env: { plms: { LANES_FILE: lanesFile }, mocks: { PAS_SPEED: "600", PAS_FAILURE_RATE: "0" } },
    });
    try {
      const admin = await fleet.admin();
      const ask = async <T>(query: string, variables: Record<string, unknown> = {}): Promise<T> => {
        const { data, errors } = await admin.query(query, variables);
        expect(errors).toBeUndefined();
        return data as T;
      };
      const { lanes } = await ask<{ lanes: { id: number; isFromFile: boolean }[] }>(
        "{ lanes { id isFromFile } }",
      );
      expect(lanes.length).toBeGreaterThan(0);
      expect(lanes.every(({ isFromFile }) => isFromFile)).toBe(true);
      const tasks = lanes.map(({ id }) => ({ name: `A task of lane ${id}`, laneId: id }));
      const { createProject } = await ask<{ createProject: { project: { id: string } } }>(
        `mutation ($tasks: [TaskInput!]!) { createProject(input: { name: "First", budget: { usdMax: 100 }, tasks: $tasks }) {
        ... on CreateProjectSuccess { project { id } } } }`,
        { tasks },
      );
      const { startProject } = await ask<{ startProject: { run: { id: string } } }>(
        `mutation ($id: ID!, $key: String!) { startProject(input: { projectId: $id }, idempotencyKey: $key) {
        ... on StartProjectSuccess { run { id } } } }`,
        { id: createProject.project.id, key: randomUUID() },
      );
      const run = async () => {
        const { projectRun } = await ask<{
          projectRun: { status: string; tasksCompleted: number; usdSpent: number };
        }>("query ($id: ID!) { projectRun(id: $id) { status tasksCompleted usdSpent } }", startProject.run);
        return projectRun;
      };
      await waitFor(async () => (await run()).status === "COMPLETED", { what: "the end of the run" });
      expect(await run()).toMatchObject({ tasksCompleted: lanes.length, usdSpent: expect.any(Number) });
      expect((await run()).usdSpent).toBeGreaterThan(0);
    } finally {
      await fleet.close();
      await database.close();
    }
  },
);
