import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { createHttpServer, type HttpServer } from "../../lib/http-server.ts";
import { createLog } from "../../lib/log.ts";
import { serveSubgraph } from "../../lib/subgraph-server.ts";
import { waitFor } from "../../lib/wait.ts";
import { collect } from "./support/collect.ts";
import { createSampleGraph, type SampleGraph } from "./support/sample-graph.ts";
import { startGateway, TEST_SUBGRAPH_SECRET } from "./support/start-gateway.ts";

const cleanUp: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of cleanUp.splice(0).toReversed()) await close();
});

async function serve(
  graph: SampleGraph,
  name: string,
  port = 0,
): Promise<{ url: string; port: number; http: HttpServer }> {
  const http = createHttpServer({ log: createLog({ name, level: "silent" }) });
  const [endpoint, schema] = [graph.endpoints.get(name), graph.schemas.get(name)];
  if (!endpoint || !schema) throw new Error(`no subgraph ${name}`);
  serveSubgraph(http.app, { endpoint, schema, gatewaySecret: TEST_SUBGRAPH_SECRET });
  const base = await http.listen({ host: "127.0.0.1", port });
  cleanUp.push(() => http.close());
  return { url: `${base}/graphql`, port: Number(new URL(base).port), http };
}

async function gatewayOver(
  graph: SampleGraph,
  urls: Record<string, string>,
  env: Record<string, string> = {},
) {
  const list = Object.entries(urls).map(([name, url]) => `${name}=${url}`);
  const gateway = await startGateway({ SUBGRAPH_URLS: list.join(","), ...env }, { graph, inProcess: false });
  cleanUp.push(() => gateway.close());
  return gateway;
}

const MOVES = `subscription { boatMoved(id: "b1") { miles hull { material } } }`;

describe("subgraphs behind URLs", () => {
  test("answer queries, with the caller's identity and correlation id passed on", async () => {
    const graph = createSampleGraph();
    const gateway = await gatewayOver(graph, {
      fleet: (await serve(graph, "fleet")).url,
      yard: (await serve(graph, "yard")).url,
    });
    const { body } = await gateway.post(
      { query: `{ whoAmI boat(id: "b1") { hull { material } } }` },
      { "x-correlation-id": "c-9" },
    );
    expect(body).toEqual({ data: { whoAmI: "anonymous c-9", boat: { hull: { material: "aluminium" } } } });
  });

  test("stream events, each completed from the other subgraph, and stop when the client does", async () => {
    const graph = createSampleGraph();
    const gateway = await gatewayOver(graph, {
      fleet: (await serve(graph, "fleet")).url,
      yard: (await serve(graph, "yard")).url,
    });
    const { results, stop } = collect(gateway.socketClient(), MOVES);
    await waitFor(() => results.length === 1);
    graph.moveBoat("b1");
    await waitFor(() => results.length === 2);
    expect(results[1]?.data).toEqual({ boatMoved: { miles: 1, hull: { material: "aluminium" } } });
    stop();
    await waitFor(() => graph.hub.watchedKeys.length === 0);
  });

  test("may restart without the client noticing more than a pause", async () => {
    const graph = createSampleGraph();
    const fleet = await serve(graph, "fleet");
    const gateway = await gatewayOver(graph, { fleet: fleet.url, yard: (await serve(graph, "yard")).url });
    const { results, ends } = collect(gateway.socketClient(), MOVES);
    await waitFor(() => results.length === 1);
    await fleet.http.close();
    graph.moveBoat("b1");
    await serve(graph, "fleet", fleet.port);
    await waitFor(() => results.at(-1)?.data?.["boatMoved"] !== undefined && results.length >= 2);
    expect(results.at(-1)?.data).toEqual({ boatMoved: { miles: 1, hull: { material: "aluminium" } } });
    expect(ends).toEqual([]);
  });

  test("are quoted when they refuse a subscription", async () => {
    const graph = createSampleGraph();
    const gateway = await gatewayOver(graph, { fleet: (await serve(graph, "fleet")).url });
    const { results } = collect(gateway.socketClient(), `subscription { boatMoved(id: "none") { id } }`);
    await waitFor(() => results.length > 0);
    expect(results[0]?.errors).toMatchObject([
      { message: 'Boat "none" does not exist', extensions: { code: "NOT_FOUND", subgraph: "fleet" } },
    ]);
  });

  test("give partial data and one clear error when one of them is dead", async () => {
    const graph = createSampleGraph();
    const gateway = await gatewayOver(graph, {
      fleet: (await serve(graph, "fleet")).url,
      yard: "http://127.0.0.1:9/graphql",
    });
    const { status, body } = await gateway.post({
      query: `{ boat(id: "b1") { name } hull(code: "h-b1") { material } }`,
    });
    expect(status).toBe(200);
    expect(body.data).toEqual({ boat: { name: "Boat b1" }, hull: null });
    expect(body.errors).toMatchObject([
      {
        message: 'The subgraph "yard" cannot be reached',
        extensions: { code: "SUBGRAPH_UNAVAILABLE", subgraph: "yard", retryable: true },
      },
    ]);
  });

  test("say of each place that is null because of a dead one, and nothing else", async () => {
    const graph = createSampleGraph();
    const gateway = await gatewayOver(graph, {
      fleet: (await serve(graph, "fleet")).url,
      yard: "http://127.0.0.1:9/graphql",
    });
    const { body } = await gateway.post({
      query: `{ hull(code: "h") { material } boat(id: "b1") { name hull { material } sister { hull { material } } } other: boat(id: "b2") { hull { weightKg } } }`,
    });
    const places = ["hull", "boat.hull.material", "other.hull.weightKg"];
    expect(body.errors?.map(({ path }) => (path ?? []).join(".")).toSorted()).toEqual(places.toSorted());
    for (const { extensions } of body.errors ?? [])
      expect(extensions).toMatchObject({ code: "SUBGRAPH_UNAVAILABLE", subgraph: "yard" });
  });

  test.each([
    ["hangs", (): void => {}, "SUBGRAPH_TIMEOUT", { SUBGRAPH_TIMEOUT_MS: "150" }],
    [
      "answers HTML",
      (_request: unknown, response: { end(text: string): void }) => response.end("<html>"),
      "SUBGRAPH_UNAVAILABLE",
      {},
    ],
    [
      "answers another shape",
      (_request: unknown, response: { end(text: string): void }) => response.end("[1]"),
      "SUBGRAPH_UNAVAILABLE",
      {},
    ],
  ])("are reported with a code when one %s", async (_name, handler, code, env: Record<string, string>) => {
    const graph = createSampleGraph();
    const sick = await listen(createServer(handler as never));
    const urls = { fleet: (await serve(graph, "fleet")).url, yard: sick };
    const gateway = await gatewayOver(graph, urls, env);
    // Nothing is asked of the one that is well: the time for an answer is so short that it could be late, too.
    const { body } = await gateway.post({ query: `{ hull(code: "h-b1") { material } }` });
    expect(body.errors?.[0]?.extensions).toMatchObject({ code, subgraph: "yard" });
  });

  test.each([
    ["no secret", {}, 403],
    ["a wrong secret", { "x-gateway-secret": "wrong" }, 403],
    ["no identity", { "x-gateway-secret": TEST_SUBGRAPH_SECRET }, 401],
  ])("refuse callers with %s", async (_name, headers, status) => {
    const graph = createSampleGraph();
    const { url } = await serve(graph, "fleet");
    const response = await fetch(url, {
      method: "POST",
      body: JSON.stringify({ query: "{ whoAmI }" }),
      headers: { "content-type": "application/json", ...headers },
    });
    expect(response.status).toBe(status);
  });
});

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanUp.push(async () => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
}
