import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createClient, type Client } from "graphql-ws";
import type { FormattedExecutionResult } from "graphql";
import { WebSocket } from "ws";
import { readGatewayConfig } from "../../../gateway/config.ts";
import { createGateway } from "../../../gateway/server.ts";
import { signToken } from "../../../lib/jwt.ts";
import type { Identity } from "../../../lib/identity.ts";
import { createLog } from "../../../lib/log.ts";
import { afterAll } from "vitest";
import { createSampleGraph, type SampleGraph } from "./sample-graph.ts";

export const TEST_JWT = {
  secret: "a secret that is long enough for tests",
  issuer: "lifecycle-gateway",
  audience: "lifecycle-gateway",
};

/** The documents of our own clients ask for another graph than that of most tests: none is read and planned at the start. */
export const NO_DOCUMENTS = {
  TRUSTED_DOCUMENTS_FILE: fileURLToPath(new URL("no-documents.json", import.meta.url)),
};

export const TEST_SUBGRAPH_SECRET = "a-secret-for-subgraphs";

export interface TestGateway {
  url: string;
  graph: SampleGraph;
  supergraphFile: string;
  post: (
    body: unknown,
    headers?: Record<string, string>,
  ) => Promise<{ status: number; headers: Headers; body: FormattedExecutionResult }>;
  socketClient(authorization?: string, on?: Parameters<typeof createClient>[0]["on"]): Client;
  close(): Promise<void>;
}

/** A gateway on a free port over the sample graph. */
export async function startGateway(
  env: Record<string, string> = {},
  {
    graph = createSampleGraph(),
    inProcess = true,
  }: { graph?: SampleGraph; inProcess?: boolean | string } = {},
): Promise<TestGateway> {
  const folder = mkdtempSync(join(tmpdir(), "gateway-test-"));
  const supergraphFile = join(folder, "supergraph.graphql");
  writeFileSync(supergraphFile, graph.sdl);
  const config = readGatewayConfig({
    PORT: "0",
    SUPERGRAPH_FILE: supergraphFile,
    GATEWAY_SUBGRAPH_SECRET: TEST_SUBGRAPH_SECRET,
    JWT_SECRET: TEST_JWT.secret,
    ...NO_DOCUMENTS,
    ...env,
  });
  const log = createLog({ name: "gateway", level: "silent" });
  const here = [...graph.endpoints].filter(([name]) => inProcess === true || inProcess === name);
  const gateway = await createGateway(config, { log, inProcess: new Map(here) });
  const url = await gateway.listen();
  const clients: Client[] = [];
  return {
    url,
    graph,
    supergraphFile,
    post: async (body, headers = {}) => {
      const text = typeof body === "string" ? body : JSON.stringify(body);
      const response = await fetch(`${url}/graphql`, {
        method: "POST",
        body: text,
        headers: { "content-type": "application/json", ...headers },
      });
      return {
        status: response.status,
        headers: response.headers,
        body: (await response.json()) as FormattedExecutionResult,
      };
    },
    socketClient: (authorization, on) => {
      const client = createClient({
        url: `${url.replace("http", "ws")}/graphql`,
        webSocketImpl: WebSocket,
        retryAttempts: 0,
        connectionParams: authorization === undefined ? {} : { authorization },
        ...(on && { on }),
      });
      clients.push(client);
      return client;
    },
    close: async () => {
      for (const client of clients) await client.dispose();
      await gateway.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/**
 * Gateways for the tests of a file that leave one as they found it: one for each of the settings, until all tests are over.
 *
 * @example const gatewayWith = shareGateways(); // at the top of a file
 *          const gateway = await gatewayWith({ AUTH_MODE: "off" }); // in its tests
 */
export function shareGateways(): typeof startGateway {
  const started = new Map<string, Promise<TestGateway>>();
  afterAll(async () => {
    for (const gateway of started.values()) await (await gateway).close();
  });
  return (env, options) => {
    const key = JSON.stringify([env, options?.graph?.sdl, options?.inProcess]);
    const gateway = started.get(key) ?? startGateway(env, options);
    started.set(key, gateway);
    return gateway;
  };
}

/** An `Authorization` value for a caller. */
export async function bearer(claims: Partial<Identity> = {}, ttlSeconds = 60): Promise<string> {
  const identity: Identity = {
    subject: "ada",
    scopes: [],
    role: "operator",
    departments: [],
    tenant: "default",
    ...claims,
  };
  return `Bearer ${await signToken(TEST_JWT, identity, ttlSeconds)}`;
}
