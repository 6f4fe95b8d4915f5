import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createKpiValidators } from "../../../subgraphs/plms/adapters/kpi/validators.ts";
import { createDocuments } from "../../../subgraphs/plms/adapters/documents.ts";
import { createNeo4j } from "../../../subgraphs/plms/adapters/kpi/graph.ts";
import { runKpiValidators } from "../../../subgraphs/plms/operations/run-kpi-validators.ts";
import { KPIS, type KpiName } from "../../../subgraphs/plms/domain/kpi.ts";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { quietLog } from "../../support/quiet-log.ts";
import { temporaryFolder } from "../../support/temporary-folders.ts";
import { insertRun } from "../fixtures.ts";
import { createTestPorts, type TestPorts } from "../support.ts";

let database: TestDatabase;
let ports: TestPorts;
beforeAll(async () => {
  database = await createTestDatabase();
  ports = createTestPorts(database, { baseUrl: "http://127.0.0.1:9" });
});
afterAll(() => Promise.all([database.close(), ports.executor.close()]));

const LIMIT_MS = 30;
const never = <T>() => new Promise<T>(() => undefined);

/** Validates a run with one gate in its only lane. */
async function validated(name: KpiName, validators: ReturnType<typeof createKpiValidators>) {
  const run = await insertRun(database);
  await database.db
    .updateTable("plms.project_runs")
    .set({ status: "validating" })
    .where("id", "=", run.id)
    .execute();
  const validation = await runKpiValidators(
    {
      ...ports,
      usableKpis: [name],
      kpiValidators: validators,
      kpiResults: {
        ...ports.kpiResults,
        checksOf: async () => [{ laneId: 4200, taskId: null, kpi: name, operator: ">=", threshold: 0 }],
      },
    },
    { tenant: "default" },
    run.id,
  );
  return validation;
}

describe("a KPI that takes longer than its limit", () => {
  test.each<KpiName>(["test_pass_rate", "linter_pass", "bleu_score", "readability"])(
    "%s counts as its failure value and does not pass, though its gate would let it",
    async (name) => {
      const validators = createKpiValidators({
        documents: { read: never },
        database: undefined,
        graph: undefined,
        longestMs: LIMIT_MS,
        log: quietLog,
      });
      const { run, results } = await validated(name, validators);
      expect(run.status).toBe("needs_review");
      expect(results).toMatchObject([
        { kpi: name, value: KPIS[name].failureValue, pass: false, detail: "not measured within 0.03 s" },
      ]);
    },
  );

  test.each<KpiName>(["schema_diff", "row_count_delta"])(
    "%s over a database that hangs is the same",
    async (name) => {
      const validators = createKpiValidators({
        documents: {
          read: async () => JSON.stringify({ tables: { "shop.orders": name === "schema_diff" ? {} : 1 } }),
        },
        database: { columns: never, rows: never },
        graph: undefined,
        longestMs: LIMIT_MS,
        log: quietLog,
      });
      const { results } = await validated(name, validators);
      expect(results).toMatchObject([{ value: KPIS[name].failureValue, pass: false }]);
    },
  );

  test("graph_edge_count_delta gives the request up, so that nothing is left of it", async () => {
    const gone = Promise.withResolvers<void>();
    const server = createServer((request) => void request.socket.on("close", () => gone.resolve()));
    await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
    const graph = createNeo4j({
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      user: "neo4j",
      password: undefined,
      database: "neo4j",
    });
    try {
      const folder = await temporaryFolder();
      const run = await insertRun(database);
      const place = join(folder, `project-${run.projectId}`, run.executorRunId, "lane-4200");
      await mkdir(place, { recursive: true });
      await writeFile(join(place, "graph_edge_count_delta.json"), JSON.stringify({ edges: { KNOWS: 1 } }));
      const validators = createKpiValidators({
        documents: createDocuments(folder),
        database: undefined,
        graph,
        longestMs: 200,
        log: quietLog,
      });
      const measured = validators
        .get("graph_edge_count_delta")
        ?.measure(`project-${run.projectId}/${run.executorRunId}/lane-4200`, AbortSignal.timeout(200));
      await expect(measured).rejects.toThrow(/abort|timeout/i);
      await gone.promise;
    } finally {
      await graph.close();
      server.close();
    }
  });
});
