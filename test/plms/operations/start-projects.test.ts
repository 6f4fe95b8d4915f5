import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Principal } from "../../../subgraphs/plms/operations/principal.ts";
import { startProjects, type BatchItem } from "../../../subgraphs/plms/operations/start-projects.ts";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { insertProject } from "../fixtures.ts";
import { codeOf, createTestPorts, startPas, type TestPorts } from "../support.ts";

const ada: Principal = { tenant: "default", subject: "ada", correlationId: "test" };

let database: TestDatabase;
let pas: Awaited<ReturnType<typeof startPas>>;
let ports: TestPorts;

beforeAll(async () => {
  [database, pas] = await Promise.all([createTestDatabase(), startPas()]);
  ports = createTestPorts(database, { baseUrl: pas.baseUrl });
});
afterEach(() => pas.setFaults([]));
afterAll(() => Promise.all([database.close(), pas.close(), ports.executor.close()]));

const projectIds = async (count: number) =>
  Promise.all(Array.from({ length: count }, async () => (await insertProject(database)).id));
const summary = (items: readonly BatchItem[]) =>
  items.map((item) => ("failure" in item ? item.failure.code : item.replayed ? "replayed" : "started"));

describe("several projects at once", () => {
  test("start each on its own: what fails does not keep the others from starting", async () => {
    const [a = "", b = ""] = await projectIds(2);
    const orders = [{ projectId: a }, { projectId: "999999" }, { projectId: b }];
    const call = { orders, idempotencyKey: "batch-1" };
    expect(summary(await startProjects(ports, ada, call))).toEqual(["started", "NOT_FOUND", "started"]);
    expect(summary(await startProjects(ports, ada, call))).toEqual(["replayed", "NOT_FOUND", "replayed"]);
  });

  test("that the executor did not take are tried again by the same call", async () => {
    const ids = await projectIds(3);
    const call = { orders: ids.map((projectId) => ({ projectId })), idempotencyKey: "batch-2" };
    pas.setFaults([{ path: "/pas/architect/submit", mode: "status", status: 500, count: 2 }]);
    const first = summary(await startProjects(ports, ada, call));
    expect(first.filter((result) => result === "EXECUTOR_UNAVAILABLE")).toHaveLength(2);
    const second = summary(await startProjects(ports, ada, call));
    expect(second.map((result, index) => [first[index], result])).toEqual(
      first.map((result) => [result, result === "started" ? "replayed" : "started"]),
    );
  });

  test("a hundred are a hundred runs and a hundred jobs, however often they are started", async () => {
    const ids = await projectIds(100);
    const call = { orders: ids.map((projectId) => ({ projectId })), idempotencyKey: "batch-3" };
    await Promise.all([startProjects(ports, ada, call), startProjects(ports, ada, call)]);
    expect(new Set(summary(await startProjects(ports, ada, call)))).toEqual(new Set(["replayed"]));
    const rows = await database.db
      .selectFrom("plms.project_runs")
      .select(["project_id", "executor_run_id"])
      .where("project_id", "in", ids)
      .execute();
    expect(rows).toHaveLength(100);
    expect(new Set(rows.map((row) => row.executor_run_id)).size).toBe(100);
  });

  test("may include one project twice, as two runs", async () => {
    const [projectId = ""] = await projectIds(1);
    const orders = [{ projectId }, { projectId, runKind: "hotfix" as const }];
    const items = await startProjects(ports, ada, { orders, idempotencyKey: "batch-4" });
    expect(summary(items)).toEqual(["started", "started"]);
  });
});

describe("the key of a batch", () => {
  test.each([
    ["a longer list", (ids: string[]) => [...ids, ids[0] ?? ""]],
    ["a shorter list", (ids: string[]) => ids.slice(1)],
    ["another order", (ids: string[]) => ids.toReversed()],
  ])("is refused for %s, and nothing starts", async (name, change) => {
    const ids = await projectIds(2);
    const key = `batch-${name}`;
    const orders = (of: string[]) => of.map((projectId) => ({ projectId }));
    await startProjects(ports, ada, { orders: orders(ids), idempotencyKey: key });
    const again = startProjects(ports, ada, { orders: orders(change(ids)), idempotencyKey: key });
    expect(await codeOf(again)).toBe("IDEMPOTENCY_KEY_REUSED");
  });

  test("is free for another list once it is forgotten", async () => {
    const [a = "", b = ""] = await projectIds(2);
    const start = (projectId: string) =>
      startProjects(ports, ada, { orders: [{ projectId }], idempotencyKey: "batch-old" });
    const [first] = await start(a);
    if (first && "run" in first) {
      await ports.runControl.move(first.run.id, {
        from: ["executing"],
        to: "cancelled",
        reason: null,
        at: new Date(),
      });
    }
    ports.clock.advance(86_400_001);
    expect(summary(await start(b))).toEqual(["started"]);
  });

  test("and the list are bounded", async () => {
    const orders = [{ projectId: "1" }];
    expect(await codeOf(startProjects(ports, ada, { orders, idempotencyKey: "" }))).toBe("BAD_USER_INPUT");
    expect(await codeOf(startProjects(ports, ada, { orders: [], idempotencyKey: "k" }))).toBe(
      "BAD_USER_INPUT",
    );
    const many = Array.from({ length: 101 }, () => ({ projectId: "1" }));
    expect(await codeOf(startProjects(ports, ada, { orders: many, idempotencyKey: "k" }))).toBe(
      "BAD_USER_INPUT",
    );
  });
});
