import { NO_DOCUMENTS } from "../../gateway/support/start-gateway.ts";
import { fork, type ChildProcess } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildSubgraphSchema } from "@apollo/subgraph";
import { parse } from "graphql";
import { onTestFinished } from "vitest";
import { readGatewayConfig } from "../../../gateway/config.ts";
import { createGateway } from "../../../gateway/server.ts";
import { createGraphQLEndpoint, type GraphQLEndpoint } from "../../../lib/graphql-endpoint.ts";
import { createLog } from "../../../lib/log.ts";
import { rawClient, subscribe } from "../support/raw-client.ts";
import { composed } from "../../support/composed.ts";
import { PLACES, TICKS } from "./ticks.ts";

/** A server in a process of its own, which can be stopped, killed and started again where it was. */
export async function startSubgraph(name: string) {
  let child: ChildProcess;
  const start = async (port: number) => {
    child = fork(join(import.meta.dirname, "subgraph-child.ts"), [name, String(port)], { stdio: "ignore" });
    return new Promise<number>((resolve, reject) => {
      child.once("message", (message) => resolve((message as { port: number }).port));
      child.once("exit", (code) => reject(new Error(`${name} ended with ${code}`)));
    });
  };
  const end = () =>
    new Promise<void>((resolve) => {
      if (child.exitCode !== null || child.signalCode !== null) return resolve();
      child.once("exit", () => resolve());
      child.kill("SIGKILL");
    });
  const port = await start(0);
  return {
    url: `http://127.0.0.1:${port}`,
    freeze: () => child.kill("SIGSTOP"),
    thaw: () => child.kill("SIGCONT"),
    die: end,
    close: end,
    restart: async () => {
      await end();
      await start(port);
    },
  };
}

const log = createLog({ name: "gateway", level: process.env["TEST_LOG"] ?? "silent" });

/** Places by code; what they are called, and whether anybody can tell, is up to the test. */
export function createPlaces() {
  const state = { name: "Here", isAway: false };
  const schema = buildSubgraphSchema([
    {
      typeDefs: parse(PLACES),
      resolvers: {
        Query: { place: (_: unknown, { code }: { code: string }) => ({ code, name: state.name }) },
        Place: {
          __resolveReference: ({ code }: { code: string }) => {
            if (state.isAway) throw new Error("away");
            return { code, name: state.name };
          },
        },
      },
    },
  ]);
  return { state, endpoint: createGraphQLEndpoint({ schema, log, createContext: () => ({}) }) };
}

export interface OverOptions {
  env?: Record<string, string>;
  /** What the options file says of the subgraph `ticks`. */
  ticks?: object;
  places?: GraphQLEndpoint;
}

/** A gateway over a subgraph `ticks` at that address, and clients of it. */
export async function gatewayOver(
  url: string,
  { env = {}, ticks, places = createPlaces().endpoint }: OverOptions,
) {
  const folder = mkdtempSync(join(tmpdir(), "upstream-"));
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const config = readGatewayConfig({
    PORT: "0",
    SUPERGRAPH_FILE: file("supergraph.graphql", composed({ ticks: TICKS, places: PLACES })),
    AUTH_MODE: "off",
    ...NO_DOCUMENTS,
    SUBGRAPH_URLS: `ticks=${url}`,
    SUBGRAPH_STREAM_SILENCE_SECONDS: "2",
    ...(ticks && { SUBGRAPHS_FILE: file("subgraphs.json", JSON.stringify({ subgraphs: { ticks } })) }),
    ...env,
  });
  const gateway = await createGateway(config, { log, inProcess: new Map([["places", places]]) });
  const base = await gateway.listen();
  return {
    url: base,
    close: () => gateway.close(),
    subscribed: async (query: string, payload: Record<string, unknown> = {}) => {
      const client = await rawClient(`${base.replace("http", "ws")}/graphql`);
      onTestFinished(() => client.socket.terminate());
      client.send(subscribe("1", query, payload));
      return {
        events: () => client.events("1"),
        isOver: () => client.messages.some(({ type }) => type === "complete" || type === "error"),
        leave: () => client.send({ id: "1", type: "complete" }),
      };
    },
    metrics: async () => (await fetch(`${base}/metrics`)).text(),
  };
}

/** A free port, for addresses that have to be known before anybody listens there. */
export async function freePort(): Promise<number> {
  const { createServer } = await import("node:net");
  const server = createServer();
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
