import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createDatabase } from "../../../db/client.ts";
import { encodeIdentity } from "../../../lib/identity.ts";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { quietLog } from "../../support/quiet-log.ts";
import { caller, GATEWAY_SECRET, startCatalog } from "../support.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase({ seed: true });
});
afterAll(() => database.close());

const post = (url: string, headers: Record<string, string> = {}) =>
  fetch(`${url}/graphql`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "x-gateway-identity": encodeIdentity(caller().identity),
      ...headers,
    },
    body: JSON.stringify({ query: "{ models { totalCount } }" }),
  });

describe("the catalogue over HTTP", () => {
  test("answers the gateway", async () => {
    const { subgraph } = await startCatalog(database);
    const response = await post(await subgraph.listen(), { "x-gateway-secret": GATEWAY_SECRET });
    await expect(response.json()).resolves.toEqual({ data: { models: { totalCount: 4 } } });
  });

  test("refuses everybody else", async () => {
    const { subgraph } = await startCatalog(database);
    const response = await post(await subgraph.listen(), { "x-gateway-secret": "a-guess-of-an-outsider" });
    expect(response.status).toBe(403);
  });

  test("is ready while the PLM is down, because it can answer without it", async () => {
    const { subgraph, plm } = await startCatalog(database);
    plm.setFaults([{ path: "*", mode: "down" }]);
    const response = await fetch(`${await subgraph.listen()}/readyz`);
    expect(response.status).toBe(200);
    await expect(response.json()).resolves.toMatchObject({ checks: { database: null } });
  });

  test("is not ready without its database, and says why, but not where that is", async () => {
    const url = "postgresql://nobody@127.0.0.1:1/none";
    const lost = createDatabase({ url, log: quietLog });
    const { subgraph } = await startCatalog({ ...lost, url });
    const response = await fetch(`${await subgraph.listen()}/readyz`);
    expect(response.status).toBe(503);
    await expect(response.json()).resolves.toMatchObject({
      checks: { database: "PostgreSQL cannot be used (ECONNREFUSED)" },
    });
    await lost.close();
  });

  test("counts calls, sources and the state of the circuit", async () => {
    const { subgraph, ask, plm } = await startCatalog(database, { PLM_CIRCUIT_BREAKER_THRESHOLD: "1" });
    await ask("{ models { totalCount } }");
    await ask("{ models { totalCount } }");
    const metricsOf = async ({ subgraph }: { subgraph: { listen(): Promise<string> } }) =>
      (await fetch(`${await subgraph.listen()}/metrics`)).text();
    const well = await metricsOf({ subgraph });
    expect(well).toContain('plm_request_duration_seconds_count{outcome="ok"} 1');
    expect(well).toContain('catalogue_reads_total{source="plm",reason="none"} 1');
    expect(well).toContain('catalogue_reads_total{source="plm_cache",reason="none"} 1');
    expect(well).toContain('circuit_state{circuit="plm",state="closed"} 1');
    // Not before: replicas on one database share the circuit.
    const broken = await startCatalog(database, { PLM_CIRCUIT_BREAKER_THRESHOLD: "1" });
    broken.plm.setFaults([{ path: "*", mode: "down" }]);
    await broken.ask("{ models { totalCount } }");
    const ill = await metricsOf(broken);
    expect(ill).toContain('plm_request_duration_seconds_count{outcome="unavailable"} 1');
    expect(ill).toContain('catalogue_reads_total{source="mrp",reason="unavailable"} 1');
    expect(ill).toContain('circuit_state{circuit="plm",state="open"} 1');
    expect(ill).toContain('circuit_transitions_total{circuit="plm",from="closed",to="open"} 1');
    expect(plm.requests()["/plm/catalog"]).toBe(1);
  });
});
