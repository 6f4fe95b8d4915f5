import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { createDatabase } from "../../../db/client.ts";
import { createLog } from "../../../lib/log.ts";
import { createNeo4j } from "../../../subgraphs/plms/adapters/kpi/graph.ts";
import { createInspectedDatabase } from "../../../subgraphs/plms/adapters/kpi/inspected-database.ts";
import { discreet, type KpiSources } from "../../../subgraphs/plms/adapters/kpi/sources.ts";
import { NotMeasurable } from "../../../subgraphs/plms/operations/kpi-ports.ts";
import { createEmptyDatabase, type TestDatabase } from "../../support/database.ts";
import { quietLog } from "../../support/quiet-log.ts";

let inspected: TestDatabase;
beforeAll(async () => {
  inspected = await createEmptyDatabase();
});
afterAll(() => inspected.close());

const NOTHING: KpiSources = { documents: undefined, database: undefined, graph: undefined };

function databaseAt(url: string): KpiSources {
  const { db, close } = createDatabase({ url, log: quietLog });
  onTestFinished(() => close());
  return { ...NOTHING, database: createInspectedDatabase(db) };
}

function graphAt(url: string): KpiSources {
  const graph = createNeo4j({ url, user: "hunter2", password: "hush", database: "neo4j" });
  onTestFinished(() => graph.close());
  return { ...NOTHING, graph };
}

/** The sources as validators see them, and what they have logged. */
function watched(sources: KpiSources) {
  const lines: string[] = [];
  const log = createLog({ name: "test", level: "warn" }, { write: (line) => void lines.push(line) });
  return { ...discreet(sources, log), logged: () => lines.join("") };
}

const asStranger = () => {
  const url = new URL(inspected.url);
  url.username = "hunter2";
  url.password = "hush";
  return url.href;
};

describe("what readers of results are told when a source fails", () => {
  test("is that the database cannot be read, and its address is for the log", async () => {
    const { database, logged } = watched(databaseAt("postgresql://hunter2:hush@127.0.0.1:1/inner"));
    const told = database?.rows("shop.orders");
    await expect(told).rejects.toThrow(NotMeasurable);
    await expect(told).rejects.toThrow(
      /^the database of KPI_DATABASE_URL cannot be read \(ECONNREFUSED\); validate the run again, or ask an operator to look at the log$/,
    );
    expect(logged()).toContain("127.0.0.1:1");
  });

  test("names no account that the database refuses", async () => {
    const { database, logged } = watched(databaseAt(asStranger()));
    await expect(database?.columns("shop.orders")).rejects.toThrow(/cannot be read \(28...\);/);
    expect(logged()).toContain("hunter2");
  });

  test("is what the database says of the table that they named", async () => {
    const { database, logged } = watched(databaseAt(inspected.url));
    const told = database?.rows("shop.orders");
    await expect(told).rejects.toThrow(NotMeasurable);
    await expect(told).rejects.toThrow('relation "shop.orders" does not exist');
    expect(logged()).toBe("");
  });

  test("is that the graph database cannot be read, and its address is for the log", async () => {
    const { graph, logged } = watched(graphAt("http://127.0.0.1:1"));
    await expect(graph?.edges("KNOWS", AbortSignal.timeout(5_000))).rejects.toThrow(
      /^the graph database of NEO4J_URL cannot be read \(ECONNREFUSED\);/,
    );
    expect(logged()).toContain("127.0.0.1:1");
  });

  test("is that a file cannot be read, and its place is for the log", async () => {
    const denied = Object.assign(new Error("EACCES: permission denied, open '/srv/inner/file'"), {
      code: "EACCES",
    });
    const { documents, logged } = watched({ ...NOTHING, documents: { read: () => Promise.reject(denied) } });
    await expect(documents?.read("file")).rejects.toThrow(
      /^a file below ARTIFACTS_DIR cannot be read \(EACCES\);/,
    );
    expect(logged()).toContain("/srv/inner/file");
  });

  test("is nothing of the source when the measurement was given up", async () => {
    const { graph, logged } = watched(graphAt("http://127.0.0.1:1"));
    const reason = new Error("enough");
    await expect(graph?.edges("KNOWS", AbortSignal.abort(reason))).rejects.toBe(reason);
    expect(logged()).toBe("");
  });
});
