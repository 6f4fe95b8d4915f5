import { expect, onTestFinished, test } from "vitest";
import { runSubgraph } from "../../../subgraphs/kit/run-subgraph.ts";
import { readPlmsConfig } from "../../../subgraphs/plms/config.ts";
import { createPlmsSubgraph } from "../../../subgraphs/plms/server.ts";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { startTcpProxy } from "../../support/tcp-proxy.ts";
import { waitFor } from "../../../lib/wait.ts";
import { insertProject } from "../fixtures.ts";
import { GATEWAY_SECRET, identity, JWT, WEBHOOK_SECRET } from "../support.ts";

/** A replica that was told of a Redis. */
async function replica(database: TestDatabase, redisUrl: string) {
  const config = readPlmsConfig({
    PORT: "0",
    DATABASE_URL: database.url,
    REDIS_URL: redisUrl,
    LOG_LEVEL: "silent",
    GATEWAY_SUBGRAPH_SECRET: GATEWAY_SECRET,
    WEBHOOK_SECRET_PAS: WEBHOOK_SECRET,
    JWT_SECRET: JWT.secret,
    PAS_BASE_URL: "http://127.0.0.1:9",
  });
  const running = await runSubgraph({ name: "plms", ...config }, (deps) => createPlmsSubgraph(config, deps));
  onTestFinished(() => running.close());
  const caller = {
    identity: identity({ scopes: ["projects.view", "projects.manage"], role: "admin" }),
    correlationId: "test",
  };
  return {
    readiness: async () => {
      const response = await fetch(`${running.url}/readyz`);
      return { status: response.status, body: (await response.json()) as object };
    },
    raiseBudget: (projectId: string, usdMax: number) =>
      running.endpoint.execute({
        query: `mutation ($projectId: ID!, $usdMax: USD) { updateProjectBudget(projectId: $projectId, usdMax: $usdMax) { __typename } }`,
        variables: { projectId, usdMax },
        caller,
      }),
    budgets: (projectId: string) => {
      const query = `subscription ($projectId: ID!) { budgetRunway(projectId: $projectId) { budget { usdMax } } }`;
      const events = running.endpoint.subscribe({ query, variables: { projectId }, caller });
      onTestFinished(async () => void (await events.return?.()));
      const seen: number[] = [];
      void (async () => {
        for await (const { data } of events)
          seen.push((data as { budgetRunway: { budget: { usdMax: number } } }).budgetRunway.budget.usdMax);
      })();
      return seen;
    },
  };
}

const redisUrl = process.env["REDIS_URL"];

test("without its Redis a replica is degraded, says so, and hears of the others all the same", async () => {
  const database = await createTestDatabase();
  onTestFinished(() => database.close());
  const { id: projectId } = await insertProject(database, {});
  const proxy = redisUrl ? await startTcpProxy(redisUrl) : undefined;
  const replicas = [1, 2].map(() => replica(database, proxy?.url ?? "redis://127.0.0.1:1"));
  const [one, two] = (await Promise.all(replicas)) as [
    Awaited<(typeof replicas)[number]>,
    Awaited<(typeof replicas)[number]>,
  ];
  const seen = two.budgets(projectId);
  await waitFor(() => seen.length > 0);
  if (proxy) {
    await waitFor(async () => JSON.stringify((await one.readiness()).body).includes('"ok"'));
    await one.raiseBudget(projectId, 777);
    await waitFor(() => seen.at(-1) === 777);
    proxy.gone();
  }
  await waitFor(async () => JSON.stringify((await one.readiness()).body).includes("Redis is away"));
  expect(await one.readiness()).toEqual({
    status: 200,
    body: {
      status: "degraded",
      checks: { database: null, hints: expect.stringContaining("Redis is away") },
    },
  });
  await one.raiseBudget(projectId, 888);
  await waitFor(() => seen.at(-1) === 888);
  await proxy?.close();
});
