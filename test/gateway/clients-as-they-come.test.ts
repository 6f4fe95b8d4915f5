import { createHash } from "node:crypto";
import { zstdDecompressSync, gunzipSync, brotliDecompressSync } from "node:zlib";
import { request as send } from "node:http";
import { describe, expect, onTestFinished, test } from "vitest";
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
    ["gzip", gunzipSync],
    ["br", brotliDecompressSync],
    ["zstd", zstdDecompressSync],
  ])("that is long comes as %s to who takes that", async (encoding, decode) => {
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
