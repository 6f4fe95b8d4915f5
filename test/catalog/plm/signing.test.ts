import { createHmac } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { describe, expect, onTestFinished, test } from "vitest";
import { createUsageSink } from "../../../subgraphs/catalog/usage/adapters/sink.ts";
import { quietLog } from "../../support/quiet-log.ts";
import { connectTo, createManualClock } from "../support.ts";

const SECRET = "a secret of the partner";
const SECONDS = Date.parse("2026-01-31T08:00:00.000Z") / 1000;

interface Received {
  line: string;
  signature: string | undefined;
  body: string;
}

/** A PLM that writes down what it is sent. */
async function startScribe(): Promise<{ baseUrl: string; received: Received[] }> {
  const received: Received[] = [];
  const answerTo = ({ url }: IncomingMessage) =>
    url === "/api/oauth/token"
      ? { access_token: "token", token_type: "Bearer", expires_in: 3600 }
      : { data: { accepted: 1, duplicates: 0 } };
  const write = async (request: IncomingMessage) => {
    const signature = request.headers["x-plm-signature"];
    received.push({
      line: `${request.method}.${request.url}`,
      signature: typeof signature === "string" ? signature : undefined,
      body: await text(request),
    });
    return JSON.stringify(answerTo(request));
  };
  const server = createServer((request, response) => {
    response.setHeader("content-type", "application/json");
    void write(request).then((answer) => response.end(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api`, received };
}

const expected = ({ line, body }: Received) =>
  `t=${SECONDS},v1=${createHmac("sha256", SECRET).update(`${SECONDS}.${line}.${body}`).digest("hex")}`;

async function callEverything(signingSecret?: string): Promise<Received[]> {
  const { baseUrl, received } = await startScribe();
  const client = connectTo(baseUrl, { signingSecret });
  await client.readCatalogue({ correlationId: "test-1" }).catch(() => undefined);
  await client
    .readConfiguration({ correlationId: "test-1", modelPlmId: "plm 1", trimCodes: new Map() })
    .catch(() => undefined);
  const sink = createUsageSink(
    { baseUrl, clientId: "mrp", clientSecret: "mrp-secret", deadlineMs: 700, signingSecret },
    { clock: createManualClock(), log: quietLog },
  );
  onTestFinished(() => sink.close());
  const event = {
    id: "event-1",
    type: "work_order.created",
    workOrderId: "1",
    occurredAt: "2026-01-31T08:00:00Z",
  };
  await sink.deliver({ id: "1", key: "key-1", attempts: 1, events: [event] });
  return received;
}

describe("a PLM that wants its requests signed", () => {
  test("gets time, method, path with its prefix, and body of every request under an HMAC", async () => {
    const received = await callEverything(SECRET);
    expect(received.map(({ line }) => line)).toEqual([
      "POST./api/oauth/token",
      "GET./api/plm/catalog",
      "GET./api/plm/models/plm%201/config",
      "POST./api/oauth/token",
      "POST./api/plm/usage-metrics",
    ]);
    for (const request of received) expect(request.signature).toBe(expected(request));
    expect(received.at(-1)?.body).toContain('"event-1"');
  });

  test("would notice another body", async () => {
    const received = await callEverything(SECRET);
    const last = received.at(-1)!;
    expect(expected({ ...last, body: last.body.replace("event-1", "event-2") })).not.toBe(last.signature);
  });
});

describe("a PLM that does not", () => {
  test("gets no signature", async () => {
    for (const { signature } of await callEverything()) expect(signature).toBeUndefined();
  });
});
