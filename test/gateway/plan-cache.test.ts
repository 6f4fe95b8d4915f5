import { mkdtempSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse, type OperationDefinitionNode } from "graphql";
import { describe, expect, onTestFinished, test } from "vitest";
import { createEngine } from "../../gateway/generations/create-engine.ts";
import type { ExecutionEngine } from "../../gateway/execution/engine.ts";
import { createGenerations } from "../../gateway/generations/generations.ts";
import { loadSupergraph } from "../../gateway/supergraph/supergraph.ts";
import { systemClock } from "../../lib/clock.ts";
import { anonymous } from "../../lib/identity.ts";
import { quietLog } from "../support/quiet-log.ts";
import { waitFor } from "../../lib/wait.ts";
import { createSampleGraph } from "./support/sample-graph.ts";

const caller = { identity: anonymous([]), correlationId: "c" };
const graph = createSampleGraph();

function endpointOf({ name }: { name: string }) {
  const endpoint = graph.endpoints.get(name) ?? graph.endpoints.get("fleet");
  if (!endpoint) throw new Error(`no subgraph ${name}`);
  return endpoint;
}

const run = (engine: ExecutionEngine, query: string) => {
  const document = parse(query);
  const definition = document.definitions[0] as OperationDefinitionNode;
  return engine.execute({ document, definition, variables: {} }, caller);
};

describe("query plans", () => {
  const TRUSTED = `query Known { boat(id: "b1") { name hull { material } } }`;
  const USED = `query Used { boat(id: "b2") { miles } }`;

  function start() {
    const folder = mkdtempSync(join(tmpdir(), "plans-"));
    const file = join(folder, "supergraph.graphql");
    writeFileSync(file, graph.sdl);
    const generations = createGenerations({
      file,
      endpointOf,
      clock: systemClock,
      log: quietLog,
      warmDocuments: [TRUSTED],
    });
    onTestFinished(async () => {
      generations.close();
      await rm(folder, { recursive: true });
    });
    return { file, generations };
  }

  test("of trusted documents are made before the first request", async () => {
    const { engine } = start().generations.current();
    const before = await waitFor(() => engine.planCache().size === 1 && engine.planCache());
    expect(before).toMatchObject({ size: 1, misses: 1 });
    expect((await run(engine, TRUSTED)).data).toMatchObject({ boat: { name: "Boat b1" } });
    expect(engine.planCache()).toMatchObject({ hits: before.hits + 1, misses: before.misses });
  });

  test("are made for a new supergraph as it takes over: of trusted documents and of what was in use", async () => {
    const { file, generations } = start();
    const old = generations.current().engine;
    await run(old, USED);
    writeFileSync(file, `${graph.sdl}\n# changed`);
    const next = await waitFor(() => generations.current().engine !== old && generations.current().engine);
    const before = await waitFor(() => next.planCache().size === 2 && next.planCache());
    await run(next, USED);
    await run(next, TRUSTED);
    expect(next.planCache()).toMatchObject({ hits: before.hits + 2, misses: before.misses });
  });

  test("are kept in a bounded number, those that were used last", async () => {
    const engine = createEngine({
      supergraph: loadSupergraph(graph.sdl, new Date(0)),
      endpointOf: (name) => endpointOf({ name }),
      planCapacity: 5,
    });
    const { capacity } = engine.planCache();
    const query = (n: number) => `query Q${n} { whoAmI }`;
    await engine.warm(Array.from({ length: capacity }, (_, n) => query(n)));
    await run(engine, query(0));
    await engine.warm([query(capacity), query(capacity + 1)]);
    const { size, misses } = engine.planCache();
    expect(size).toBe(capacity);
    await run(engine, query(0));
    expect(engine.planCache().misses).toBe(misses);
    await run(engine, query(1));
    expect(engine.planCache().misses).toBe(misses + 1);
  });
});
