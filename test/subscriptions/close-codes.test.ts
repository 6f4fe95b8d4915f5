import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { Registry } from "prom-client";
import { describe, expect, onTestFinished, test } from "vitest";
import { createClientHeaders } from "../../gateway/transport/header-rules.ts";
import { systemClock } from "../../lib/clock.ts";
import { anonymous } from "../../lib/identity.ts";
import { CLOSE } from "../../gateway/websocket/close-codes.ts";
import { Connection, type ConnectionDependencies } from "../../gateway/websocket/connection.ts";
import type { Permits } from "../../gateway/operation/permits.ts";
import type { Road } from "../../gateway/operation/road.ts";
import { createQuota } from "../../gateway/limits/quotas.ts";
import { createSubscriptionMeter } from "../../gateway/subscriptions/metrics.ts";
import { serveSockets, type SocketServerOptions } from "../../gateway/websocket/server.ts";
import { quietLog } from "../support/quiet-log.ts";
import type { OperationRequest } from "../../gateway/operation/request.ts";
import { waitFor } from "../../lib/wait.ts";
import { rawClient, subscribe } from "./support/raw-client.ts";

const permits: Permits = { epoch: 0, isRevoked: () => false, refusals: () => [] };

const admission = { rate: () => undefined };

const one = () => createQuota({ each: { limit: "socketsPerIdentity", most: 1 } });

/** The protocol without a socket: what a connection says, and how it is closed. */
function connect(changes: Partial<ConnectionDependencies> = {}) {
  const said: string[] = [];
  const closes: { code: number; reason: string }[] = [];
  const connection = new Connection(
    {
      address: "127.0.0.1",
      headers: {},
      bufferedBytes: 0,
      send: (text) => void said.push(text),
      sendEvent: () => {},
      whenDrained: () => {},
      hold: () => {},
      identified: () => {},
      close: (close) => void closes.push(close),
    },
    {
      road: { read: () => ({}), turnOf: () => undefined, open: () => ({}), start: () => undefined },
      identify: async () => anonymous([]),
      permits,
      admission,
      sockets: one(),
      limits: { initTimeoutMs: 3_000, subscriptionsPerSocket: 1, expiryWarningMs: 0 },
      requireToken: false,
      clientHeaders: createClientHeaders([]),
      clock: systemClock,
      log: quietLog,
      ...changes,
    } as ConnectionDependencies,
  );
  return { connection, said, closes };
}

describe("a connection that we fail", () => {
  test("is closed with 4500 and not a word about why, when identities cannot be looked up", async () => {
    const { connection, closes, said } = connect({
      identify: () => Promise.reject(new Error("the key server's password is hunter2")),
    });
    connection.received('{"type":"connection_init"}');
    await waitFor(() => closes.length === 1);
    expect(closes).toEqual([{ code: 4500, reason: "Internal server error" }]);
    expect(said).toEqual([]);
    connection.received('{"type":"ping"}');
    expect(said).toEqual([]);
  });
});

describe("a message that breaks something of ours", () => {
  test("ends its socket with 4500 and not a word about why", async () => {
    const http = createServer();
    const sockets = serveSockets(http, {
      permits,
      path: "/graphql",
      allowedOrigins: [],
      addressOf: () => "127.0.0.1",
      maxSockets: 1,
      socketsByAddress: one(),
      sockets: one(),
      messageLimitBytes: 1_024,
      keepAliveMs: 20_000,
      meter: createSubscriptionMeter(new Registry()),
      road: {
        read: () => {
          throw new Error("password is hunter2");
        },
      },
      identify: async () => anonymous([]),
      admission,
      limits: { initTimeoutMs: 3_000, subscriptionsPerSocket: 1, expiryWarningMs: 0 },
      requireToken: false,
      clientHeaders: createClientHeaders([]),
      clock: systemClock,
      log: quietLog,
    } as unknown as SocketServerOptions);
    await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
    onTestFinished(async () => {
      await sockets.drain(0);
      http.close();
    });
    const client = await rawClient(`ws://127.0.0.1:${(http.address() as AddressInfo).port}/graphql`);
    client.send(subscribe("1", "{ __typename }"));
    expect(await client.closed()).toEqual({ code: 4500, reason: "Internal server error" });
    expect(JSON.stringify(client.messages)).not.toContain("hunter2");
  });
});

describe("a subscription that is too much for its connection while it begins", () => {
  test("is stopped with it", async () => {
    const stopped: string[] = [];
    const { connection, closes, said } = connect({
      road: {
        read: () => ({}),
        turnOf: () => undefined,
        planned: () => undefined,
        open: () => ({}),
        start: ((_opened, { sink }) => {
          sink.overflow();
          return { isSubscription: true, stop: (reason) => stopped.push(reason), identityChanged: () => {} };
        }) satisfies Road["start"],
      } as unknown as Road,
    });
    connection.received('{"type":"connection_init"}');
    await waitFor(() => said.length === 1);
    connection.received('{"type":"subscribe","id":"1","payload":{"query":"subscription { tick }"}}');
    expect(closes).toEqual([CLOSE.tooSlow]);
    expect(stopped).toEqual(["slow"]);
  });
});

describe("an operation that waits for its turn to be read", () => {
  test("does not begin once its client has ended it, and leaves its id to another one", async () => {
    const turns = new Map<string, () => void>();
    const begun: string[] = [];
    const { connection, said } = connect({
      road: {
        read: (payload: unknown) => payload,
        turnOf: ({ query }: OperationRequest) => {
          const { promise, resolve } = Promise.withResolvers<undefined>();
          turns.set(query ?? "", () => resolve(undefined));
          return promise;
        },
        open: ({ query = "" }: OperationRequest) => {
          begun.push(query);
          return {};
        },
        start: () => undefined,
      } as unknown as Road,
    });
    connection.received('{"type":"connection_init"}');
    await waitFor(() => said.length === 1);
    connection.received(JSON.stringify(subscribe("1", "{ ended }")));
    connection.received('{"type":"complete","id":"1"}');
    connection.received(JSON.stringify(subscribe("1", "{ wanted }")));
    turns.get("{ ended }")?.();
    turns.get("{ wanted }")?.();
    await waitFor(() => begun.length > 0);
    expect(begun).toEqual(["{ wanted }"]);
  });
});

describe("the close codes", () => {
  const documented = readFileSync(join(import.meta.dirname, "../../docs/protocol.md"), "utf8");

  test.each(Object.entries(CLOSE).map(([name, { code }]) => [name, code] as const))(
    "of %s (%i) is one that clients can read about",
    (_name, code) => {
      expect(documented).toMatch(new RegExp(`^\\|[ 0-9,]*${code}[ 0-9,]*\\|`, "m"));
    },
  );
});
