import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { createLog } from "../../../lib/log.ts";
import { createUsageSink } from "../../../subgraphs/catalog/usage/adapters/sink.ts";
import { quietLog } from "../../support/quiet-log.ts";
import { createManualClock } from "../support.ts";

describe("the delivery itself", () => {
  /** A PLM that lets in everybody and answers usage by hand. */
  async function startUsagePlm(answer: (key: string) => { status: number; body: unknown }): Promise<string> {
    const server = createServer((request, response) => {
      const isToken = request.url === "/oauth/token";
      const { status, body } = isToken
        ? { status: 200, body: { access_token: "t", token_type: "Bearer", expires_in: 3600 } }
        : answer(String(request.headers["idempotency-key"]));
      request.resume();
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  test.each([
    [202, { data: { accepted: 1, duplicates: 0 } }, { kind: "accepted", rejected: new Map() }],
    [
      202,
      { data: { accepted: 0, duplicates: 0, rejected: [{ id: "e1", reason: "unknown" }] } },
      { kind: "accepted", rejected: new Map([["e1", "unknown"]]) },
    ],
    [400, {}, { kind: "refused", reason: "The PLM refused the events with status 400" }],
    [422, {}, { kind: "refused", reason: "The PLM refused the events with status 422" }],
    [404, {}, { kind: "failed", reason: "The PLM answered with status 404", retryAfterMs: 0 }],
    [503, {}, { kind: "failed", reason: "The PLM answered with status 503", retryAfterMs: 0 }],
    [
      202,
      { data: {} },
      { kind: "failed", reason: expect.stringContaining("unusable: data.accepted"), retryAfterMs: 0 },
    ],
  ])("that is answered with %i %j", async (status, body, expected) => {
    const keys: string[] = [];
    const baseUrl = await startUsagePlm((key) => {
      keys.push(key);
      return { status, body };
    });
    const sink = createUsageSink(
      { baseUrl, clientId: "a", clientSecret: "b", deadlineMs: 1_000 },
      { clock: createManualClock(), log: quietLog },
    );
    const event = { id: "e1", type: "x", workOrderId: "1", occurredAt: "2026-01-31T08:00:00Z" };
    await expect(sink.deliver({ id: "1", key: "batch-1", attempts: 1, events: [event] })).resolves.toEqual(
      expected,
    );
    expect(keys).toEqual(["batch-1"]);
    await sink.close();
  });

  test("that reaches nobody fails in words without an address, which the log has", async () => {
    const lines: string[] = [];
    const log = createLog({ name: "test", level: "warn" }, { write: (line) => void lines.push(line) });
    const sink = createUsageSink(
      { baseUrl: "http://127.0.0.1:1", clientId: "a", clientSecret: "b", deadlineMs: 1_000 },
      { clock: createManualClock(), log },
    );
    await expect(sink.deliver({ id: "1", key: "batch-1", attempts: 1, events: [] })).resolves.toEqual({
      kind: "failed",
      reason: "Nothing listens where the PLM should be (ECONNREFUSED)",
      retryAfterMs: 0,
    });
    expect(lines.join("")).toContain("127.0.0.1:1");
    await sink.close();
  });
});
