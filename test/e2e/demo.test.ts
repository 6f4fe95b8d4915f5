import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { clientOf, type GatewayClient } from "../../client/graph-client.ts";
import { readStandaloneConfig } from "../../standalone/config.ts";
import { startDemo, type Demo } from "../../standalone/demo.ts";
import { showcaseCatalog } from "../../standalone/showcase.ts";
import { adminToken, startStack, type Stack } from "../../standalone/stack.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { quietLog } from "../support/quiet-log.ts";
import { waitFor } from "../../lib/wait.ts";

const PATIENCE = { timeoutMs: 110_000 };

describe("the demo of npm start", () => {
  let database: TestDatabase;
  let stack: Stack;
  let client: GatewayClient;
  let demo: Demo;
  const dataDir = mkdtempSync(join(tmpdir(), "lifecycle-demo-"));
  const begin = () => startDemo(client, { log: quietLog, pauseMs: 500, lookMs: 1_000 });

  beforeAll(async () => {
    database = await createTestDatabase({ seed: true });
    const anyPort = { PORT: "0", PLMS_PORT: "0", CATALOG_PORT: "0", PAS_PORT: "0", PLM_PORT: "0" };
    const environment = { ...anyPort, DATABASE_URL: database.url, DATA_DIR: dataDir, LOG_LEVEL: "silent" };
    const settings = { pasSpeed: 360, showcase: true, catalog: showcaseCatalog };
    stack = await startStack(readStandaloneConfig(environment), settings);
    client = clientOf(stack.urls.gateway, await adminToken(stack, 3_600));
    demo = await begin();
  });
  afterAll(async () => {
    await demo.close();
    await client.close();
    await stack.close();
    await database.close();
    rmSync(dataDir, { recursive: true });
  });

  const ask = async <T>(query: string): Promise<T> => {
    const { data, errors } = await client.query<T & Record<string, unknown>>(query);
    expect(errors).toBeUndefined();
    return data;
  };
  /** For those who wait: a runway of every project costs a simulation each. */
  const statuses = async (): Promise<{ id: string; status: string }[]> => {
    const query = "{ projects(first: 100) { edges { node { id status } } } }";
    const { projects: page } = await ask<{ projects: { edges: { node: { id: string; status: string } }[] } }>(
      query,
    );
    return page.edges.map(({ node }) => node);
  };
  interface Shown {
    id: string;
    name: string;
    status: string;
    budgetRunway: { budget: { usdSpent: number; usdMax: number | null } };
  }
  const projects = async (): Promise<Shown[]> => {
    const query =
      "{ projects(first: 100) { edges { node { id name status budgetRunway { budget { usdSpent usdMax } } } } } }";
    const { projects: page } = await ask<{ projects: { edges: { node: Shown }[] } }>(query);
    return page.edges.map(({ node }) => node);
  };

  test("shows projects in every state in which one can rest", async () => {
    const missing = new Set(
      "PENDING IDEATION CLARIFYING PLANNING ESTIMATING PENDING_APPROVAL APPROVED EXECUTING PAUSED NEEDS_REVIEW COMPLETED CANCELLED".split(
        " ",
      ),
    );
    await waitFor(
      async () => {
        for (const { status } of await statuses()) missing.delete(status);
        return missing.size === 0;
      },
      { ...PATIENCE, what: "all states" },
    );
  });

  test("shows differences between PLM and MRP of every severity but one, and a wide bill of materials", async () => {
    const differences = async () => {
      const { shadowDiffs } = await ask<{
        shadowDiffs: { edges: { node: { severity: string; modelCode: string } }[] };
      }>("{ shadowDiffs(first: 100) { edges { node { severity modelCode } } } }");
      return new Set(shadowDiffs.edges.map(({ node }) => `${node.modelCode} ${node.severity}`));
    };
    await waitFor(
      async () => (await differences()).has("LX21 CRITICAL") && (await differences()).has("LX22 MINOR"),
      {
        ...PATIENCE,
        what: "differences of LX21 and LX22",
      },
    );
    interface Line {
      code: string;
      children: { children: unknown[] }[];
    }
    const { model } = await ask<{ model: { bom: { lines: Line[] } } }>(
      '{ model(id: "lx26") { bom { lines { code children { code children { code } } } } } }',
    );
    const wiring = model.bom.lines.find(({ code }) => code === "WIRING");
    expect(wiring?.children.map(({ children }) => children.length)).toEqual(Array(8).fill(6));
  });

  test("shows a bill of eight levels with exact quantities", async () => {
    interface Line {
      level: number;
      partNumber: string | null;
      totalQuantity: { value: string; unit: string };
    }
    const { model } = await ask<{ model: { bom: { flatLines: { edges: { node: Line }[] } } } }>(
      `{ model(id: "lx26") { bom { flatLines(first: 1000) { edges { node {
        level partNumber totalQuantity { value unit } } } } } } }`,
    );
    const lines = model.bom.flatLines.edges.map(({ node }) => node);
    const strand = lines.find(({ partNumber }) => partNumber === "LX26-CORE-STRAND");
    // Levels 1 and 2 are the section and the component.
    expect(strand?.level).toBe(2 + 8);
    expect(strand?.totalQuantity).toEqual({ value: "0.40625", unit: "KGM" });
  });

  test("shows records that the PLM has wrong, and a field that nobody reads", async () => {
    interface Leftover {
      kind: string;
      subject: string;
      place: string;
    }
    const shown = async () => {
      const { plmLeftovers } = await ask<{ plmLeftovers: Leftover[] }>(
        "{ plmLeftovers { kind subject place } }",
      );
      return plmLeftovers.map(({ kind, subject, place }) => `${kind} ${subject} ${place}`);
    };
    const all = [
      "REJECTED catalogue data.models.4",
      "REJECTED catalogue data.models.5",
      "UNKNOWN_FIELD LX26 data.sections[].components[].options[].weightKg",
    ];
    await waitFor(async () => {
      const seen = await shown();
      return all.every((leftover) => seen.includes(leftover));
    }, PATIENCE);
  });

  test("has alerts that come, and go when somebody gives the project more", async () => {
    interface Told {
      kind: string;
      state: string;
    }
    const alerts = async () => (await ask<{ alerts: Told[] }>("{ alerts { kind state } }")).alerts;
    await waitFor(
      async () =>
        (await alerts()).some((alert) => alert.kind === "BUDGET_EXHAUSTED" && alert.state === "RESOLVED"),
      { ...PATIENCE, what: "an alert that went" },
    );
  });

  test("leaves nothing half done, and looks the same when it is started again", async () => {
    await demo.close();
    const before = await projects();
    const own = before.filter(({ id }) => Number(id) >= Number(demo.projectId));
    expect(own.filter(({ status }) => status === "EXECUTING")).toEqual([]);
    for (let round = 0; round < 3; round += 1) {
      demo = await begin();
      await waitFor(
        async () => (await statuses()).find(({ id }) => id === demo.projectId)?.status === "EXECUTING",
        PATIENCE,
      );
      await demo.close();
    }
    const after = await projects();
    expect(after.map(({ name }) => name)).toEqual(before.map(({ name }) => name));
    const { usdSpent, usdMax } = after.find(({ id }) => id === demo.projectId)!.budgetRunway.budget;
    expect(usdSpent).toBeLessThan(usdMax ?? 0);
  });
});
