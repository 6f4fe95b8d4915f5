import * as zlib from "node:zlib";
import { createHash } from "node:crypto";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { request as send } from "node:http";
import { connect } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { waitFor } from "../../lib/wait.ts";
import { bearer, startGateway } from "./support/start-gateway.ts";

async function gatewayWith(env: Record<string, string> = {}) {
  const gateway = await startGateway(env);
  onTestFinished(() => gateway.close());
  return { ...gateway, address: `${gateway.url}/graphql` };
}

const NAME = `{ boat(id: "b1") { name } }`;

describe("A page of a listed origin", () => {
  const origin = "https://page.example";

  test("has its preflight answered, with credentials and the headers that it asks for", async () => {
    const { address } = await gatewayWith({ ALLOWED_ORIGINS: origin });
    const { status, headers } = await fetch(address, {
      method: "OPTIONS",
      headers: {
        origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "content-type, authorization",
      },
    });
    expect(status).toBe(204);
    expect(headers.get("access-control-allow-origin")).toBe(origin);
    expect(headers.get("access-control-allow-credentials")).toBe("true");
    expect(headers.get("access-control-allow-methods")).toContain("POST");
    expect(headers.get("access-control-allow-headers")).toBe("content-type, authorization");
  });

  test("may read answers, and the headers that say how to go on", async () => {
    const { post } = await gatewayWith({ ALLOWED_ORIGINS: origin });
    const { headers, body } = await post({ query: NAME }, { origin });
    expect(body).toEqual({ data: { boat: { name: "Boat b1" } } });
    expect(headers.get("access-control-allow-origin")).toBe(origin);
    expect(headers.get("access-control-expose-headers")).toContain("x-correlation-id");
  });

  test("may read streams, too", async () => {
    const { address } = await gatewayWith({ ALLOWED_ORIGINS: origin });
    const body = JSON.stringify({ query: `subscription { boatMoved(id: "b1") { id } }` });
    for (const accept of ["text/event-stream", "multipart/mixed;subscriptionSpec=1.0"]) {
      const asked = { method: "POST", body, headers: { origin, accept, "content-type": "application/json" } };
      const stop = new AbortController();
      const { status, headers } = await fetch(address, { ...asked, signal: stop.signal });
      stop.abort();
      expect([status, headers.get("access-control-allow-origin")]).toEqual([200, origin]);
      const stranger = { ...asked.headers, origin: "https://stranger.example" };
      expect((await fetch(address, { ...asked, headers: stranger })).status).toBe(403);
    }
  });

  test("is another than one that is not listed, whose preflight and question are refused", async () => {
    const { address, post } = await gatewayWith({ ALLOWED_ORIGINS: origin });
    const stranger = { origin: "https://stranger.example" };
    const preflight = await fetch(address, {
      method: "OPTIONS",
      headers: { ...stranger, "access-control-request-method": "POST" },
    });
    expect(preflight.status).toBe(403);
    expect(preflight.headers.get("access-control-allow-origin")).toBeNull();
    expect((await post({ query: NAME }, stranger)).status).toBe(403);
  });
});

describe("A mutation", () => {
  const RENAME = `mutation { rename(id: "b1", name: "Renamed") { name } }`;

  test.each([
    ["whose Accept cannot be met", "image/png"],
    ["that wants an event stream with quality 0 and nothing else", "text/event-stream;q=0"],
  ])("%s is refused with 406 and has not run", async (_what, accept) => {
    const { post } = await gatewayWith();
    const authorization = await bearer();
    expect((await post({ query: RENAME }, { authorization, accept })).status).toBe(406);
    expect((await post({ query: NAME })).body).toEqual({ data: { boat: { name: "Boat b1" } } });
  });

  test("runs where it is asked for as JSON", async () => {
    const { post } = await gatewayWith();
    const { status } = await post({ query: RENAME }, { authorization: await bearer() });
    expect(status).toBe(200);
    expect((await post({ query: NAME })).body).toEqual({ data: { boat: { name: "Renamed" } } });
  });
});

describe("An answer", () => {
  const LONG = `{ boat(id: "b1") { ${Array.from({ length: 90 }, (_, index) => `a${index}: name`).join(" ")} } }`;

  /** The bytes as they come: fetch would decode them. */
  const bytesOf = (address: string, encoding: string) =>
    new Promise<{ encoding: string | undefined; bytes: Buffer }>((resolve, reject) => {
      const request = send(
        address,
        { method: "POST", headers: { "content-type": "application/json", "accept-encoding": encoding } },
        (response) => {
          const chunks: Buffer[] = [];
          response.on("data", (chunk: Buffer) => chunks.push(chunk));
          response.on("end", () =>
            resolve({ encoding: response.headers["content-encoding"], bytes: Buffer.concat(chunks) }),
          );
        },
      );
      request.on("error", reject).end(JSON.stringify({ query: LONG }));
    });

  test.each([
    ["gzip", zlib.gunzipSync],
    ["br", zlib.brotliDecompressSync],
    ["zstd", zlib.zstdDecompressSync],
  ] as const)("that is long comes as %s to who takes that", async (encoding, decode) => {
    const { address } = await gatewayWith();
    const plain = await bytesOf(address, "identity");
    expect(plain.encoding).toBeUndefined();
    const packed = await bytesOf(address, encoding);
    expect(packed.encoding).toBe(encoding);
    expect(packed.bytes.length).toBeLessThan(plain.bytes.length);
    expect(JSON.parse(decode(packed.bytes).toString())).toEqual(JSON.parse(plain.bytes.toString()));
  });

  test("to a GET that was not changed since is 304 without a body", async () => {
    const { address } = await gatewayWith();
    const asked = `${address}?query=${encodeURIComponent(NAME)}`;
    const { headers } = await fetch(asked);
    const etag = headers.get("etag");
    // Nobody said how long subgraphs in this process stay as they are.
    expect(headers.get("cache-control")).toBe("no-store");
    expect(etag).toMatch(/^(?:W\/)?".+"$/);
    const again = await fetch(asked, { headers: { "if-none-match": etag ?? "" } });
    expect([again.status, await again.text()]).toEqual([304, ""]);
    const other = await fetch(asked, { headers: { "if-none-match": '"another"' } });
    expect(other.status).toBe(200);
  });
});

describe("A question", () => {
  const BODY = JSON.stringify({ query: NAME });
  test.each([
    ["gzip", gzipSync(BODY)],
    ["x-gzip", gzipSync(BODY)],
    ["deflate", deflateSync(BODY)],
    ["br", brotliCompressSync(BODY)],
    ["identity", Buffer.from(BODY)],
    ["zstd", zlib.zstdCompressSync(BODY)],
  ] as const)("that comes as %s is read", async (encoding, body) => {
    const { address } = await gatewayWith();
    const headers = { "content-type": "application/json", "content-encoding": encoding };
    const answer = await fetch(address, { method: "POST", headers, body });
    expect(await answer.json()).toEqual({ data: { boat: { name: "Boat b1" } } });
  });

  test("that is not encoded as it says is refused, with what was expected", async () => {
    const { post } = await gatewayWith();
    const { status, body } = await post({ query: NAME }, { "content-encoding": "gzip" });
    expect([status, body.errors?.[0]?.message]).toEqual([
      400,
      expect.stringMatching(/^content-encoding: "gzip"/),
    ]);
  });
});

describe("A document", () => {
  test("of any length that a request may have is known by its hash once it was sent", async () => {
    const { post } = await gatewayWith();
    const query = `${NAME} # ${"x".repeat(100_000)}`;
    const sha256Hash = createHash("sha256").update(query).digest("hex");
    const extensions = { persistedQuery: { version: 1, sha256Hash } };
    expect((await post({ extensions })).body.errors?.[0]?.message).toBe("PersistedQueryNotFound");
    expect((await post({ query, extensions })).status).toBe(200);
    expect((await post({ extensions })).body).toEqual({ data: { boat: { name: "Boat b1" } } });
  });
});

describe("A browser", () => {
  /** What Chrome and Firefox say when somebody types an address. */
  const accept = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8";

  test("that opens the address is shown a page that can neither run scripts nor be framed", async () => {
    const { address } = await gatewayWith();
    const answer = await fetch(address, { headers: { accept } });
    expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
    expect(answer.headers.get("content-security-policy")).toMatch(
      /default-src 'none'.*frame-ancestors 'none'/,
    );
    expect(await answer.text()).toMatch(/<h1>GraphQL API<\/h1>.*href="\/playground"/s);
  });

  test.each([
    ["a query", `?query=${encodeURIComponent(NAME)}`, { data: { boat: { name: "Boat b1" } } }],
    [
      "the id of a document",
      "?documentId=none",
      { errors: [{ extensions: { code: "DOCUMENT_NOT_TRUSTED" } }] },
    ],
  ])("that opens an address with %s is shown the answer", async (_what, search, expected) => {
    const { address } = await gatewayWith();
    const answer = await fetch(`${address}${search}`, { headers: { accept } });
    expect(answer.headers.get("content-type")).toMatch(/^application\/(graphql-response\+)?json/);
    expect(await answer.json()).toMatchObject(expected);
  });

  test("is told what is missing where there is no page, in production", async () => {
    const { address } = await gatewayWith({ NODE_ENV: "production" });
    const answer = await fetch(address, { headers: { accept } });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({
      errors: [{ message: expect.stringMatching(/^query: null/) }],
    });
  });
});

describe("A body that is too large", () => {
  const LIMIT_BYTES = 2_048;

  /** Sends a piece of a body now and then, and goes on while it is answered. */
  async function sendSlowly(url: string, head: string, piece: string) {
    const socket = connect(Number(new URL(url).port), "127.0.0.1");
    onTestFinished(() => void socket.destroy());
    socket.on("error", () => {});
    let heard = "";
    socket.on("data", (chunk: Buffer) => (heard += chunk.toString()));
    socket.write(`POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n${head}\r\n\r\n`);
    const sending = setInterval(() => socket.write(piece), 20);
    onTestFinished(() => clearInterval(sending));
    await waitFor(() => heard.includes("\r\n\r\n") && heard.includes("limit"));
    return { heard, isStillSending: socket.writable };
  }

  test.each([
    ["says so at once", "content-length: 1000000", "x"],
    ["comes in chunks without an end", "transfer-encoding: chunked", `100\r\n${"x".repeat(256)}\r\n`],
  ])("and %s gets its 413 while it is still being sent", async (_how, head, piece) => {
    const { url } = await gatewayWith({ BODY_LIMIT_BYTES: String(LIMIT_BYTES) });
    const { heard, isStillSending } = await sendSlowly(url, head, piece);
    expect(heard).toMatch(/^HTTP\/1\.1 413 /);
    expect(heard).toContain(`"allowed":"at most ${LIMIT_BYTES} bytes"`);
    expect(isStillSending).toBe(true);
  });
});
