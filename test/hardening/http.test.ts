import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readGatewayConfig } from "../../gateway/config.ts";
import { startGateway, type TestGateway } from "../gateway/support/start-gateway.ts";
import type { Attack } from "./attack.ts";
import { isFull } from "../support/depth.ts";
import { DOCUMENT_ATTACKS } from "./document-attacks.ts";
import { REQUEST_ATTACKS } from "./request-attacks.ts";

describe("HTTP attacks on a gateway in production settings", () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startGateway({ NODE_ENV: "production", AUTH_ANONYMOUS_SCOPES: "" });
  });
  afterAll(() => gateway.close());

  const send = async ({ method = "POST", path = "/graphql", headers = {}, body }: Attack) => {
    const startedMs = performance.now();
    const response = await fetch(`${gateway.url}${path}`, {
      method,
      headers: { ...(body !== undefined && { "content-type": "application/json" }), ...headers },
      ...(body !== undefined && { body: typeof body === "string" ? body : new Uint8Array(body) }),
    });
    const text = await response.text();
    return { status: response.status, text, ms: performance.now() - startedMs };
  };

  const isHealthy = async () => {
    const { body } = await gateway.post({ query: "{ whoAmI }" });
    return typeof body.data?.["whoAmI"] === "string";
  };

  test.each(
    [...DOCUMENT_ATTACKS, ...REQUEST_ATTACKS].map((attack) => [attack.id, attack.what, attack] as const),
  )("%s: %s", async (_id, _what, attack) => {
    const { status, text, ms } = await send(attack);
    expect(attack.status(status), `status ${status}: ${text.slice(0, 200)}`).toBe(true);
    expect(attack.never?.exec(text) ?? null).toBeNull();
    expect(attack.has === undefined || attack.has.test(text)).toBe(true);
    const { errors = [] } = text.startsWith("{") ? (JSON.parse(text) as { errors?: unknown[] }) : {};
    expect(errors.length).toBeLessThanOrEqual(attack.maxErrors ?? 101);
    expect(ms).toBeLessThan(attack.withinMs ?? 5_000);
    expect(await isHealthy()).toBe(true);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });

  const sendRaw = (text: string) =>
    new Promise<string>((resolve) => {
      let answer = "";
      const socket = connect(Number(new URL(gateway.url).port), "127.0.0.1", () => socket.write(text));
      socket.on("data", (data) => (answer += String(data)));
      socket.on("close", () => resolve(answer));
      socket.on("error", () => resolve(answer));
    });

  test("H39: a request with both content-length and transfer-encoding", async () => {
    const answer = await sendRaw(
      "POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nGET /x HTTP/1.1\r\nhost: x\r\n\r\n",
    );
    expect(answer).toMatch(/^HTTP\/1\.1 400/);
  });

  test("H40: a header of 64 KiB", async () => {
    expect(await sendRaw(`GET /livez HTTP/1.1\r\nhost: x\r\nx-big: ${"x".repeat(65_536)}\r\n\r\n`)).toMatch(
      /^HTTP\/1\.1 431/,
    );
  });

  test("H42: a preflight from a foreign origin gets no permission", async () => {
    const response = await fetch(`${gateway.url}/graphql`, {
      method: "OPTIONS",
      headers: { origin: "https://evil.example", "access-control-request-method": "POST" },
    });
    expect(response.headers.get("access-control-allow-origin")).toBeNull();
  });

  test("H43, H44: tells nothing of what it is made of, and shows no development page", async () => {
    const response = await fetch(`${gateway.url}/graphql`, { headers: { accept: "text/html" } });
    expect(response.headers.get("x-powered-by")).toBeNull();
    expect(response.status).toBeGreaterThanOrEqual(400);
    expect(await response.text()).not.toMatch(/<html|sandbox|playground/i);
  });

  test("H48: twenty bodies cut half-way leave the next request fine", async () => {
    for (let i = 0; i < 20; i++) {
      const socket = connect(Number(new URL(gateway.url).port), "127.0.0.1");
      socket.on("error", () => {});
      await new Promise<void>((resolve) =>
        socket.write(
          'POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"query":',
          () => resolve(),
        ),
      );
      socket.destroy();
    }
    expect(await isHealthy()).toBe(true);
  });

  test.runIf(isFull)("H49: 300 unique operations grow memory by less than 200 MB", async () => {
    const before = process.memoryUsage().rss;
    for (let i = 0; i < 300; i++)
      await gateway.post({ query: `query Q${i} { boat(id: "b${i}") { name hull { material } } }` });
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * 1_048_576);
  });
});

describe("H51: a client that sends half a header and waits", () => {
  test("is cut off when its time is over", async () => {
    const gateway = await startGateway({ HEADERS_TIMEOUT_MS: "200" });
    const socket = connect(Number(new URL(gateway.url).port), "127.0.0.1");
    const startedMs = performance.now();
    socket.write("POST /graphql HTTP/1.1\r\nhost: x\r\nx-half: ");
    await new Promise((resolve) =>
      socket
        .on("close", resolve)
        .on("error", () => {})
        .resume(),
    );
    const takenMs = performance.now() - startedMs;
    expect(takenMs).toBeGreaterThanOrEqual(190);
    expect(takenMs).toBeLessThan(5_000);
    await gateway.close();
  });

  test("has so little of it by default that it is gone within 20 seconds", () => {
    const { headersTimeoutMs } = readGatewayConfig({ AUTH_MODE: "off" }).limits;
    const checkedAfterMs = headersTimeoutMs / 2;
    expect(headersTimeoutMs + checkedAfterMs).toBeLessThanOrEqual(20_000);
  });
});
