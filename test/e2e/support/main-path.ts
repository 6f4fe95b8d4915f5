import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  BudgetRunwayDocument,
  CircuitBreakerDocument,
  ModelsDocument,
  ProjectsDocument,
  RunProgressDocument,
  SimulateProjectDocument,
  StartProjectDocument,
} from "../../../schema/generated/documents.ts";
import { waitFor } from "../../../lib/wait.ts";
import { isFull } from "../../support/depth.ts";
import { clientOf, setFaults, type GatewayClient } from "../../../client/graph-client.ts";
import { startTopology, type Topology, type TopologyKind } from "./topology.ts";

/** The one end-to-end suite; each topology runs it in a file of its own, so that they run side by side. */
export const describeMainPath = (kind: TopologyKind) =>
  describe.runIf(kind === "one process" || isFull)(`the whole system in ${kind}`, () => {
    let system: Topology;
    let visitor: GatewayClient;
    let admin: GatewayClient;

    beforeAll(async () => {
      system = await startTopology(kind);
      visitor = clientOf(system.urls.gateway);
      admin = clientOf(system.urls.gateway, await system.token("admin"));
    });
    afterAll(async () => {
      await visitor.close();
      await admin.close();
      await system.close();
    });

    const firstProject = async (): Promise<string> => {
      const { data } = await visitor.ask(ProjectsDocument, { first: 1 });
      const id = data.projects.edges[0]?.node.id;
      if (id === undefined) throw new Error("there is no demo project");
      return id;
    };
    const start = (projectId: string, key: string, extra: object = {}) =>
      admin.ask(StartProjectDocument, {
        input: { projectId, runKind: "BASELINE", writeSandbox: false, ...extra },
        idempotencyKey: key,
      });

    test("joins projects with the models they work on, and models with their projects", async () => {
      const projects = await visitor.ask(ProjectsDocument, { first: 10 });
      expect(projects.errors).toBeUndefined();
      expect(projects.data.projects.totalCount).toBe(6);
      const products = projects.data.projects.edges.flatMap(({ node }) => node.products);
      expect(products.length).toBeGreaterThan(5);
      expect(products.every(({ model }) => model.name.length > 0)).toBe(true);

      const models = await visitor.ask(ModelsDocument, { first: 10 });
      expect(models.errors).toBeUndefined();
      expect(models.data.models.edges.map(({ node }) => node.code).sort()).toEqual([
        "LX21",
        "LX22",
        "LX24",
        "LX26",
      ]);
      const joined = models.data.models.edges.flatMap(({ node }) =>
        node.projects.edges.map((edge) => edge.node.name),
      );
      expect(joined.length).toBeGreaterThan(0);
      expect(models.data.models.edges[0]?.node.provenance.source).toMatch(/^PLM(_CACHE)?$/);
    });

    test("starts a run once per key and streams its burning budget with names from the other subgraph", async () => {
      const projectId = await firstProject();
      const runway = admin.watch(BudgetRunwayDocument, { projectId });
      await waitFor(() => runway.events.length >= 1);
      expect(runway.events[0]?.budgetRunway.reason).toBe("NOT_STARTED");

      const key = randomUUID();
      const answers = await Promise.all([1, 2, 3, 4, 5].map(() => start(projectId, key)));
      const started = answers.flatMap(({ data }) =>
        data.startProject.__typename === "StartProjectSuccess" ? [data.startProject] : [],
      );
      expect(new Set(started.map(({ run }) => run.id)).size).toBe(1);
      expect(started.filter(({ replayed }) => !replayed)).toHaveLength(1);
      const others = answers.filter(({ data }) => data.startProject.__typename !== "StartProjectSuccess");
      expect(
        others.every(
          ({ data }) => "code" in data.startProject && data.startProject.code === "IDEMPOTENCY_IN_FLIGHT",
        ),
      ).toBe(true);

      const again = await start(projectId, key);
      expect(again.data.startProject).toMatchObject({ replayed: true, run: { id: started[0]?.run.id } });
      const other = await start(projectId, key, { runKind: "HOTFIX" });
      expect(other.data.startProject).toMatchObject({
        __typename: "Conflict",
        code: "IDEMPOTENCY_KEY_REUSED",
      });

      const progress = admin.watch(RunProgressDocument, { runId: started[0]?.run.id ?? "" });
      await waitFor(
        () => runway.events.filter(({ budgetRunway }) => budgetRunway.budget.usdSpent > 0).length >= 3,
      );
      await waitFor(() => (progress.events.at(-1)?.runProgress.tasksCompleted ?? 0) > 0);
      const spent = runway.events.map(({ budgetRunway }) => budgetRunway.budget.usdSpent);
      expect(spent).toEqual([...spent].sort((a, b) => a - b));
      for (const { budgetRunway } of runway.events)
        expect(budgetRunway.project.products[0]?.model.name).toBeTruthy();
      expect(runway.problems).toEqual([]);
      runway.stop();
      progress.stop();
    });

    test("simulates a project without the executor", async () => {
      const { data } = await admin.ask(SimulateProjectDocument, {
        input: { projectId: await firstProject(), rehearsalPct: 0.05, seed: 7 },
      });
      expect(data.simulateProject).toMatchObject({ __typename: "Simulation", seed: 7, strataCoverage: 1 });
    });

    test("opens the circuit when the PLM dies, keeps answering, and closes it when the PLM is back", async () => {
      const circuit = visitor.watch(CircuitBreakerDocument, {});
      const states = () => circuit.events.map(({ circuitBreaker }) => circuitBreaker.state);
      await waitFor(() => states().at(-1) === "CLOSED");
      await setFaults(system.urls.plm, { path: "/plm/*", mode: "down" });
      await waitFor(() => states().at(-1) === "OPEN");
      expect(circuit.events.at(-1)?.circuitBreaker).toMatchObject({ threshold: 5, windowSeconds: 30 });
      const during = await visitor.ask(ModelsDocument, { first: 1 });
      expect(during.errors).toBeUndefined();
      expect(during.data.models.totalCount).toBe(4);
      await setFaults(system.urls.plm);
      await waitFor(() => states().at(-1) === "CLOSED");
      // An event may say the state of a moment whose entry in the history is still being written.
      const path = () =>
        circuit.events
          .at(-1)
          ?.circuitBreaker.transitions.map(({ to }) => to)
          .join(" ");
      await waitFor(() => path() === "CLOSED HALF_OPEN OPEN", { what: "the whole way in the history" });
      circuit.stop();
    });

    test.each([
      ["an unknown project", `{ project(id: "999999") { id } }`, { project: null }],
      ["an id of another shape", `{ project(id: "../etc/passwd") { id } }`, { project: null }],
      ["an unknown model", `{ model(id: "nothing") { id } }`, { model: null }],
      ["an unknown trim", `{ trim(id: "nothing") { id } }`, { trim: null }],
    ])("answers %s with null", async (_name, query, data) => {
      const answer = await visitor.query(query);
      expect(answer).toMatchObject({ status: 200, data });
      expect(answer.errors).toBeUndefined();
    });

    test.each([
      ["a page of nothing", "{ projects(first: 0) { totalCount } }", /first: 0 is not allowed/],
      ["a page of everything", "{ models(first: 1000) { totalCount } }", /first: 1000 is not allowed/],
      ["a made-up cursor", `{ models(after: "xyz") { totalCount } }`, /after: "xyz" is not allowed/],
    ])("refuses %s by name, value and what is allowed", async (_name, query, message) => {
      const { status, errors } = await visitor.query(query);
      expect(status).toBeLessThan(500);
      expect(errors?.[0]).toMatchObject({
        message: expect.stringMatching(message),
        extensions: { code: "BAD_USER_INPUT" },
      });
    });

    test.each([
      ["an empty idempotency key", ""],
      ["an idempotency key with a line break", "a\nb"],
      ["an endless idempotency key", "x".repeat(256)],
    ])("refuses %s", async (_name, key) => {
      const { data } = await start(await firstProject(), key);
      expect(data.startProject).toMatchObject({ __typename: "InvalidInput", code: "BAD_USER_INPUT" });
    });

    test("lets visitors look but not touch", async () => {
      const answer = await visitor.ask(StartProjectDocument, {
        input: { projectId: "1", runKind: "BASELINE", writeSandbox: false },
        idempotencyKey: randomUUID(),
      });
      expect(answer.status).toBe(401);
      const operator = clientOf(system.urls.gateway, await system.token("operator"));
      const refused = await operator.ask(SimulateProjectDocument, {
        input: { projectId: "1", rehearsalPct: 0.1 },
      });
      await operator.close();
      expect(refused).toMatchObject({
        status: 403,
        errors: [{ message: expect.stringContaining("projects.simulate") }],
      });
    });

    test("refuses forged webhooks and strangers at the subgraphs", async () => {
      const json = { "content-type": "application/json" };
      const forged = await fetch(`${system.urls.plms}/webhooks/pas/receipts`, {
        method: "POST",
        headers: {
          ...json,
          "webhook-id": "w1",
          "webhook-timestamp": `${Math.floor(Date.now() / 1000)}`,
          "webhook-signature": "v1,AAAA",
        },
        body: JSON.stringify({ run_id: "r", receipts: [] }),
      });
      expect(forged.status).toBe(401);
      for (const url of [system.urls.plms, system.urls.catalog]) {
        const stranger = await fetch(`${url}/graphql`, {
          method: "POST",
          headers: json,
          body: JSON.stringify({ query: "{ _service { sdl } }" }),
        });
        expect(stranger.status).toBe(403);
      }
    });

    test("does not hand the federation's own fields to clients", async () => {
      const { status, errors } = await visitor.query("{ _service { sdl } }");
      expect(status).toBe(400);
      expect(errors?.[0]?.message).toContain("_service");
    });
  });
