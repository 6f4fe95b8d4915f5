import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readStandaloneConfig } from "../../standalone/config.ts";
import { startStack, type Stack } from "../../standalone/stack.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { waitFor } from "../../lib/wait.ts";

const MODELS = 50;

describe("asking for many products through the gateway", () => {
  let database: TestDatabase;
  let stack: Stack;
  const dataDir = mkdtempSync(join(tmpdir(), "lifecycle-batching-"));

  beforeAll(async () => {
    database = await createTestDatabase({ seed: true });
    const anyPort = { PORT: "0", PLMS_PORT: "0", CATALOG_PORT: "0", PAS_PORT: "0", PLM_PORT: "0" };
    const config = readStandaloneConfig({
      ...anyPort,
      DATABASE_URL: database.url,
      DATA_DIR: dataDir,
      LOG_LEVEL: "silent",
    });
    stack = await startStack(config, {
      plmModels: MODELS,
      catalog: { PLM_POLL_SECONDS: "0", PLM_CACHE_ENABLED: "false" },
    });
  });
  afterAll(async () => {
    await stack.close();
    await database.close();
    rmSync(dataDir, { recursive: true });
  });

  test("asks the PLM for the catalogue once, however many models one query names", async () => {
    const ids = Array.from({ length: MODELS }, (_, index) => `m${String(index + 1).padStart(3, "0")}`);
    const fields = ids.map((id) => `${id}: model(id: "${id}") { name trims { name model { code } } }`);
    // The catalogue warms itself. A first read that fails on a busy machine is not repeated without polls, so what counts
    // is that the PLM has answered: then nothing asks it any more by itself.
    // Without it there are only the MRP's four models.
    const isAnswered = async () => {
      const { data } = await ask("{ models { totalCount } }");
      return (data["models"] as { totalCount: number }).totalCount >= MODELS;
    };
    await waitFor(isAnswered, { what: "an answer of the PLM", timeoutMs: 90_000 });
    const before = (await requests())["/plm/catalog"] ?? 0;
    const { data, errors } = await ask(`{ ${fields.join(" ")} }`);
    expect(errors).toBeUndefined();
    expect(ids.filter((id) => data[id] === null)).toEqual([]);
    const counts = await requests();
    expect(counts["/plm/catalog"]).toBe(before + 1);
    expect(Object.keys(counts).filter((path) => path.startsWith("/plm/"))).toEqual(["/plm/catalog"]);
  });

  const requests = async () =>
    (await (await fetch(`${stack.urls.plm}/_requests`)).json()) as Record<string, number>;

  const ask = async (query: string) => {
    const response = await fetch(`${stack.urls.gateway}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query }),
    });
    return (await response.json()) as { data: Record<string, unknown>; errors?: unknown };
  };
});
