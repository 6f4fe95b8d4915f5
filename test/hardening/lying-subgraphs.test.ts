import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { createHash } from "node:crypto";
import { describe, expect, onTestFinished, test } from "vitest";
import { bearer, startGateway } from "../gateway/support/start-gateway.ts";

/** A subgraph that says whatever the test wants, and notes the headers that it was sent. */
async function startSubgraph(answer: (body: string) => unknown) {
  const heard: IncomingHttpHeaders[] = [];
  const server = createServer((request, response) => {
    heard.push(request.headers);
    let body = "";
    request.on("data", (chunk) => (body += String(chunk)));
    request.on("end", () => response.end(JSON.stringify(answer(body))));
  });
  await new Promise<void>((done) => {
    server.listen(0, "127.0.0.1", done);
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { heard, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql` };
}

const BOAT = {
  data: { boat: { __typename: "Boat", name: "Boat b1", hull: { __typename: "Hull", code: "h-b1" } } },
};

describe("G14: a subgraph that lies about entities", () => {
  const query = `{ boat(id: "b1") { name hull { material weightKg } } }`;
  const good = { __typename: "Hull", material: "steel", weightKg: 1.5 };

  const answerTo = async (data: unknown) => {
    const fleet = await startSubgraph(() => BOAT);
    const yard = await startSubgraph(() => ({ data }));
    const env = { SUBGRAPH_URLS: `fleet=${fleet.url},yard=${yard.url}` };
    const gateway = await startGateway(env, { inProcess: false });
    onTestFinished(() => gateway.close());
    const { status, body } = await gateway.post({ query });
    expect(status).toBe(200);
    expect(JSON.stringify(body)).not.toContain("LEAKED");
    return body;
  };

  test("with fields that nobody asked for adds nothing to the answer", async () => {
    const extra = { ...good, secret: "LEAKED" };
    expect(await answerTo({ _entities: [extra] })).toEqual({
      data: { boat: { name: "Boat b1", hull: { material: "steel", weightKg: 1.5 } } },
    });
  });

  test("with a text for a number that may be null gives null", async () => {
    const { data } = await answerTo({ _entities: [{ ...good, weightKg: "LEAKED" }] });
    expect(data?.["boat"]).toEqual({ name: "Boat b1", hull: { material: "steel", weightKg: null } });
  });

  test.each([
    ["more entities than were asked for", { _entities: [good, { ...good, material: "LEAKED" }] }],
    ["fewer entities", { _entities: [] }],
    ["no list", { _entities: "LEAKED" }],
    ["nothing at all", {}],
    ["a text for an entity", { _entities: ["LEAKED"] }],
    ["an object for a text", { _entities: [{ ...good, material: { a: "LEAKED" } }] }],
    ["null for what may not be null", { _entities: [{ ...good, material: null }] }],
  ])("with %s costs what cannot do without them, and never passes them on", async (_what, data) => {
    const body = await answerTo(data);
    expect(body.data?.["boat"]).toBeNull();
  });
});

describe("G16: headers of a client", () => {
  test("never reach a subgraph, and cannot stand in for the gateway's own", async () => {
    const fleet = await startSubgraph(() => ({ data: { whoAmI: "somebody" } }));
    const gateway = await startGateway({ SUBGRAPH_URLS: `fleet=${fleet.url}` }, { inProcess: false });
    onTestFinished(() => gateway.close());
    const spoofed = {
      authorization: await bearer({ subject: "ada" }),
      "x-gateway-secret": "a guess",
      "x-gateway-identity": Buffer.from('{"subject":"root"}').toString("base64url"),
      "x-internal-user": "root",
      "x-forwarded-for": "6.6.6.6",
      "proxy-authorization": "Basic eA==",
      cookie: "session=1",
      te: "trailers",
    };
    for (const query of ["{ whoAmI }", "{ again: whoAmI }"]) await gateway.post({ query }, spoofed);
    expect(fleet.heard.length).toBeGreaterThan(0);
    for (const headers of fleet.heard) {
      const taken = Object.keys(headers).filter((name) => Object.hasOwn(spoofed, name));
      expect(taken.sort()).toEqual(["x-gateway-identity", "x-gateway-secret"]);
      expect(headers["x-gateway-secret"]).not.toBe("a guess");
      const identity = JSON.parse(
        Buffer.from(String(headers["x-gateway-identity"]), "base64url").toString(),
      ) as object;
      expect(identity).toMatchObject({ subject: "ada" });
    }
  });

  test("G23: cannot smuggle a header into the gateway's calls", async () => {
    const fleet = await startSubgraph(() => ({ data: { whoAmI: "somebody" } }));
    const gateway = await startGateway({ SUBGRAPH_URLS: `fleet=${fleet.url}` }, { inProcess: false });
    onTestFinished(() => gateway.close());
    const authorization = await bearer({ subject: "ada\r\nx-injected: 1", tenant: "t\r\nx-injected: 1" });
    await gateway.post(
      { query: "{ whoAmI }" },
      { authorization, "x-correlation-id": "a b\u00e9;x-injected: 1" },
    );
    expect(fleet.heard).toHaveLength(1);
    expect(fleet.heard[0]).not.toHaveProperty("x-injected");
    expect(fleet.heard[0]?.["x-correlation-id"]).toMatch(/^[\w.:-]+$/);
  });
});

describe("a subgraph that tells the gateway which HTTP status to send", () => {
  test.each([101, 103, 204, 304, 401, 500])("%i: changes nothing of the answer", async (status) => {
    const http = { status, headers: { "x-steered": "yes" } };
    const fleet = await startSubgraph(() => ({
      data: { boat: null },
      errors: [{ message: "no", path: ["boat"], extensions: { code: "CONFLICT", http } }],
      extensions: { http },
    }));
    const gateway = await startGateway({ SUBGRAPH_URLS: `fleet=${fleet.url}` }, { inProcess: false });
    onTestFinished(() => gateway.close());
    for (let time = 0; time < 2; time++) {
      const answer = await gateway.post({ query: `{ boat(id: "b1") { name } }` });
      expect(answer.status).toBe(200);
      expect(answer.headers.get("x-steered")).toBeNull();
      expect(answer.body).toEqual({
        data: { boat: null },
        errors: [
          {
            message: "no",
            path: ["boat"],
            extensions: { code: "CONFLICT", subgraph: "fleet", correlationId: expect.any(String) },
          },
        ],
      });
    }
  });
});

describe("G20: a flood of persisted queries", () => {
  test("pushes out the oldest, so that memory stays bounded", async () => {
    const gateway = await startGateway();
    onTestFinished(() => gateway.close());
    const text = (index: number) => `{ whoAmI } # ${index} ${"x".repeat(900_000)}`;
    const ask = (index: number, withText: boolean) =>
      gateway.post({
        ...(withText && { query: text(index) }),
        extensions: {
          persistedQuery: { version: 1, sha256Hash: createHash("sha256").update(text(index)).digest("hex") },
        },
      });
    for (let index = 0; index < 40; index++) expect((await ask(index, true)).status).toBe(200);
    expect((await ask(39, false)).body.errors).toBeUndefined();
    expect((await ask(0, false)).body.errors?.[0]?.extensions?.["code"]).toBe("PERSISTED_QUERY_NOT_FOUND");
  });
});
