import { randomUUID } from "node:crypto";
import { afterAll, beforeAll } from "vitest";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { insertProject } from "./fixtures.ts";
import { ask, dataOf, startPlms, type RunningPlms } from "./support.ts";

export const USAGE_TOKEN = "a-token-of-24-characters-or-more";

/** A PLMS that usage may be told to, with runs that no executor does. */
export function useUsage() {
  let database: TestDatabase;
  let plms: RunningPlms;
  beforeAll(async () => {
    database = await createTestDatabase();
    plms = await startPlms(database, {
      env: { USAGE_TOKENS: `default=${USAGE_TOKEN},elsewhere=${USAGE_TOKEN}-2` },
    });
  });
  afterAll(async () => {
    await plms.close();
    await database.close();
  });

  /** A project with three tasks and a run of it that no executor does, started as callers start it. */
  async function observedRun() {
    const { id: projectId, taskIds } = await insertProject(database, {
      tasks: ["simple", "simple", "simple"],
    });
    const { startProject } = await dataOf<{
      startProject: { run: { id: string; executorRunId: string; status: string; isObserved: boolean } };
    }>(
      ask(
        plms,
        `mutation ($id: ID!, $key: String!) {
          startProject(input: { projectId: $id, isObserved: true }, idempotencyKey: $key) {
            ... on StartProjectSuccess { run { id executorRunId status isObserved } } } }`,
        { id: projectId, key: randomUUID() },
      ),
    );
    return { projectId, taskIds, ...startProject.run };
  }

  async function post(path: string, body: string | Buffer, headers: Record<string, string> = {}) {
    const answer = await fetch(`${plms.url}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${USAGE_TOKEN}`, ...headers },
      body,
    });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  }

  const receiptsOf = async (runId: string) => {
    const { projectRun } = await dataOf<{
      projectRun: { usdSpent: number; receipts: { edges: { node: Record<string, unknown> }[] } };
    }>(
      ask(
        plms,
        `query ($id: ID!) { projectRun(id: $id) { usdSpent receipts { edges { node {
          taskId provider tokens durationMs costUsdExact status pricing { usdExact differenceUsdExact reason }
          usage { model inputTokens outputTokens cacheReadTokens cacheWriteTokens reasoningTokens } } } } } }`,
        { id: runId },
      ),
    );
    return { usdSpent: projectRun.usdSpent, receipts: projectRun.receipts.edges.map(({ node }) => node) };
  };

  return {
    /** The database, once the tests run. */
    get database() {
      return database;
    },
    get plms() {
      return plms;
    },
    observedRun,
    post,
    receiptsOf,
  };
}
