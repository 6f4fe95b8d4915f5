import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createGenerations } from "../../gateway/generations/generations.ts";
import { createGateway } from "../../gateway/server.ts";
import { readGatewayConfig } from "../../gateway/config.ts";
import { systemClock } from "../../lib/clock.ts";
import type { GraphQLEndpoint } from "../../lib/graphql-endpoint.ts";
import { createLog } from "../../lib/log.ts";
import { waitFor } from "../../lib/wait.ts";
import { createSampleGraph } from "./support/sample-graph.ts";
import { startGateway } from "./support/start-gateway.ts";

describe("the supergraph file", () => {
  test("is swapped while running; the last good one stays when the new one does not load", async () => {
    const gateway = await startGateway();
    writeFileSync(gateway.supergraphFile, "type Query { nonsense");
    const still = await gateway.post({ query: `{ boat(id: "b1") { name } }` });
    expect(still.body.data).toEqual({ boat: { name: "Boat b1" } });
    writeFileSync(gateway.supergraphFile, gateway.graph.sdl.replaceAll("whoAmI", "whoIsIt"));
    await waitFor(async () => {
      const { body } = await gateway.post({ query: `{ __type(name: "Query") { fields { name } } }` });
      return JSON.stringify(body).includes("whoIsIt");
    });
    await gateway.close();
  });

  test("that does not load is seen: in readiness with the reason, in the metrics, and both end when it does again", async () => {
    const gateway = await startGateway();
    const seen = async () => {
      const [ready, metrics] = await Promise.all(
        ["readyz", "metrics"].map(async (path) => (await fetch(`${gateway.url}/${path}`)).text()),
      );
      const { status, checks } = JSON.parse(ready ?? "") as {
        status: string;
        checks: Record<string, string | null>;
      };
      return {
        status,
        problem: checks["supergraph"],
        stale: /^gateway_supergraph_stale (\d)$/m.exec(metrics ?? "")?.[1],
      };
    };
    expect(await seen()).toEqual({ status: "ok", problem: null, stale: "0" });
    writeFileSync(gateway.supergraphFile, "type Query { nonsense");
    await waitFor(async () => (await seen()).status === "degraded");
    const { problem, stale } = await seen();
    expect(problem).toContain("the changed file is not in force: Syntax Error");
    expect(stale).toBe("1");
    rmSync(gateway.supergraphFile);
    await waitFor(async () => (await seen()).problem?.includes("(ENOENT)"));
    expect((await seen()).problem).not.toContain(gateway.supergraphFile);
    writeFileSync(gateway.supergraphFile, gateway.graph.sdl);
    await waitFor(async () => (await seen()).status === "ok");
    expect(await seen()).toEqual({ status: "ok", problem: null, stale: "0" });
    await gateway.close();
  });

  test("that lacks a subgraph which the environment names has the name and the variable told in the log", () => {
    const lines: string[] = [];
    const log = createLog({ name: "gateway", level: "warn" }, { write: (line) => void lines.push(line) });
    const graph = createSampleGraph();
    const file = join(mkdtempSync(join(tmpdir(), "named-")), "supergraph.graphql");
    writeFileSync(file, graph.sdl);
    const named = { SUBGRAPH_URLS: ["fleet"], SUBGRAPH_SECRETS: ["fleat"] };
    const endpointOf = ({ name }: { name: string }) => graph.endpoints.get(name) as GraphQLEndpoint;
    createGenerations({ file, named, endpointOf, clock: systemClock, log }).close();
    expect(lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual([
      `SUBGRAPH_SECRETS names the subgraph "fleat", which the supergraph does not have; it has edge, fleet, yard`,
    ]);
  });

  test("stops the start with a message that names it when it does not load", async () => {
    const config = readGatewayConfig({
      SUPERGRAPH_FILE: "/nowhere/supergraph.graphql",
      GATEWAY_SUBGRAPH_SECRET: "a-secret-for-subgraphs",
      AUTH_MODE: "off",
    });
    const log = createLog({ name: "gateway", level: "silent" });
    await expect(createGateway(config, { log })).rejects.toThrow(
      "SUPERGRAPH_FILE: /nowhere/supergraph.graphql cannot be loaded",
    );
  });

  test("is refused when it relies on a security feature that nobody would enforce", async () => {
    const gateway = await startGateway();
    const sdl = gateway.graph.sdl.replace(
      '@link(url: "https://specs.apollo.dev/requiresScopes/v0.1", for: SECURITY)',
      '$&\n  @link(url: "https://specs.apollo.dev/policy/v0.1", for: SECURITY)',
    );
    expect(sdl).toContain("policy/v0.1");
    const { loadSupergraph } = await import("../../gateway/supergraph/supergraph.ts");
    expect(() => loadSupergraph(sdl, new Date())).toThrow(/policy/);
    await gateway.close();
  });
});
