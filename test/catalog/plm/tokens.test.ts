import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { PlmFailure } from "../../../subgraphs/catalog/products/operations/ports.ts";
import { connectTo, createManualClock, startPlm } from "../support.ts";

const ASK = { correlationId: "test-1" };
const TOKEN = "/oauth/token";
const CATALOGUE = "/plm/catalog";

describe("the token of the PLM", () => {
  test("is asked for once, however many calls need it at the same time", async () => {
    const { plm, baseUrl } = await startPlm();
    const client = connectTo(baseUrl, { deadlineMs: 10_000 });
    await Promise.all(Array.from({ length: 10 }, () => client.readCatalogue(ASK)));
    expect(plm.requests()).toMatchObject({ [TOKEN]: 1, [CATALOGUE]: 10 });
  });

  test("is renewed at 80 % of its life", async () => {
    const clock = createManualClock();
    const { plm, baseUrl } = await startPlm({ tokenTtlSeconds: 100, clock });
    const client = connectTo(baseUrl, { clock });
    await client.readCatalogue(ASK);
    clock.advance(79_000);
    await client.readCatalogue(ASK);
    expect(plm.requests()[TOKEN]).toBe(1);
    clock.advance(1_000);
    await client.readCatalogue(ASK);
    expect(plm.requests()[TOKEN]).toBe(2);
  });

  test("serves until its end when it cannot be renewed early", async () => {
    const clock = createManualClock();
    const { plm, baseUrl } = await startPlm({ tokenTtlSeconds: 100, clock });
    const client = connectTo(baseUrl, { clock });
    await client.readCatalogue(ASK);
    plm.setFaults([{ path: TOKEN, mode: "status", status: 500 }]);
    clock.advance(90_000);
    await expect(client.readCatalogue(ASK)).resolves.toMatchObject({ schemaVersion: "1.4.0" });
    clock.advance(10_000);
    await expect(client.readCatalogue(ASK)).rejects.toMatchObject({ reason: "UNAVAILABLE" });
  });

  test("is replaced when the PLM revokes it, and the call that met the refusal still succeeds", async () => {
    const { plm, baseUrl } = await startPlm();
    const client = connectTo(baseUrl);
    await client.readCatalogue(ASK);
    expect(plm.revokeTokens()).toBe(1);
    await expect(client.readCatalogue(ASK)).resolves.toMatchObject({ schemaVersion: "1.4.0" });
    expect(plm.requests()).toMatchObject({ [TOKEN]: 2, [CATALOGUE]: 3 });
  });

  test("is replaced once for all calls that were under way when it was revoked", async () => {
    const { plm, baseUrl } = await startPlm();
    const client = connectTo(baseUrl);
    await client.readCatalogue(ASK);
    plm.revokeTokens();
    await Promise.all(Array.from({ length: 10 }, () => client.readCatalogue(ASK)));
    expect(plm.requests()[TOKEN]).toBe(2);
  });

  test("is refused for wrong credentials: AUTH_FAILED, without a word about the secret", async () => {
    const { baseUrl } = await startPlm();
    const error = await connectTo(baseUrl, { clientSecret: "not-the-secret" })
      .readCatalogue(ASK)
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(PlmFailure);
    expect(error).toMatchObject({ reason: "AUTH_FAILED", details: { countsForCircuit: true } });
    expect(String(error)).not.toContain("not-the-secret");
  });

  test("works with credentials that have to be escaped", async () => {
    const client = { clientId: "a:b c", clientSecret: "p%ä&=+" };
    const { baseUrl } = await startPlm({ client });
    await expect(connectTo(baseUrl, client).readCatalogue(ASK)).resolves.toMatchObject({
      schemaVersion: "1.4.0",
    });
  });

  test.each([
    ["without expires_in", {}],
    ["with expires_in as text", { expires_in: "3600" }],
  ])("%s is taken, and used for many calls", async (_how, grant) => {
    const given: string[] = [];
    const body = { schemaVersion: "1", data: { models: [{ id: "1", code: "A", name: "A", trims: [] }] } };
    const server = createServer((request, response) => {
      response.setHeader("content-type", "application/json");
      if (request.url !== TOKEN) return response.end(JSON.stringify(body));
      given.push("token");
      return response.end(JSON.stringify({ access_token: "token", token_type: "bearer", ...grant }));
    });
    await new Promise<void>((resolve) => server.listen({ host: "127.0.0.1", port: 0 }, resolve));
    onTestFinished(() => void server.close());
    const client = connectTo(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    await client.readCatalogue(ASK);
    await expect(client.readCatalogue(ASK)).resolves.toMatchObject({ schemaVersion: "1" });
    expect(given).toHaveLength(1);
  });

  for (const [mode, reason] of [
    ["down", "UNAVAILABLE"],
    ["hang", "TIMEOUT"],
    ["partial", "MALFORMED"],
    ["schema-drift", "MALFORMED"],
    ["wrong-content-type", "MALFORMED"],
    ["rate-limit", "RATE_LIMITED"],
    ["expired-token", "AUTH_FAILED"],
  ] as const) {
    test(`${mode} where tokens are given: ${reason}, and no call with a bad token`, async () => {
      const { plm, baseUrl } = await startPlm();
      plm.setFaults([{ path: TOKEN, mode }]);
      await expect(connectTo(baseUrl, { deadlineMs: 300 }).readCatalogue(ASK)).rejects.toMatchObject({
        reason,
      });
      expect(plm.requests()[CATALOGUE]).toBeUndefined();
    });
  }
});
