import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bearer, startGateway, type TestGateway } from "./support/start-gateway.ts";

describe("identity over HTTP", () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startGateway();
  });
  afterAll(() => gateway.close());

  test("passes the caller and the correlation id on to the subgraph", async () => {
    const headers = { authorization: await bearer({ subject: "grace" }), "x-correlation-id": "c-1" };
    const { body } = await gateway.post({ query: "{ whoAmI }" }, headers);
    expect(body.data).toEqual({ whoAmI: "grace c-1" });
  });

  test.each([
    ["another scheme", "Basic YTpi"],
    ["no token", "Bearer"],
    ["a token of another secret", "Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.x"],
  ])("refuses %s with 401 before anything runs", async (_name, authorization) => {
    const { status, body } = await gateway.post({ query: "{ whoAmI }" }, { authorization });
    expect(status).toBe(401);
    expect(body.errors?.[0]?.extensions?.["code"]).toBe("UNAUTHENTICATED");
    expect(body.data ?? null).toBeNull();
  });

  test("refuses an expired token and says so", async () => {
    const { status, body } = await gateway.post(
      { query: "{ whoAmI }" },
      { authorization: await bearer({}, -120) },
    );
    expect(status).toBe(401);
    expect(body.errors?.[0]?.message).toContain("expired");
  });

  test.each([
    ["nobody", undefined, 401, "UNAUTHENTICATED"],
    ["a caller without the scope", [], 403, "FORBIDDEN"],
  ])("refuses a protected field to %s", async (_name, scopes, status, code) => {
    const headers = new Headers(scopes && { authorization: await bearer({ scopes }) });
    const response = await gateway.post({ query: "{ whoAmI secretPlan }" }, Object.fromEntries(headers));
    expect(response.status).toBe(status);
    expect(response.body.errors?.[0]?.extensions?.["code"]).toBe(code);
    expect(JSON.stringify(response.body)).not.toContain("dawn");
  });

  test("finds protected fields inside fragments", async () => {
    const query = "query { ...a } fragment a on Query { ... { plan: secretPlan } }";
    const { status } = await gateway.post({ query }, { authorization: await bearer() });
    expect(status).toBe(403);
  });

  test("serves a protected field to a caller with its scope", async () => {
    const { body } = await gateway.post(
      { query: "{ secretPlan }" },
      { authorization: await bearer({ scopes: ["plans.view"] }) },
    );
    expect(body.data).toEqual({ secretPlan: "sail at dawn" });
  });

  test("names the missing scope", async () => {
    const { body } = await gateway.post({ query: "{ secretPlan }" }, { authorization: await bearer() });
    expect(body.errors?.[0]?.message).toBe("Missing scope: plans.view (Query.secretPlan)");
  });
});

describe("the subgraph's own guard", () => {
  test("refuses what the gateway would let through", async () => {
    const gateway = await startGateway({ AUTH_MODE: "off" });
    const { body } = await gateway.post({ query: "{ secretPlan }" });
    await gateway.close();
    expect(body.errors?.[0]?.extensions?.["code"]).toBe("FORBIDDEN");
  });
});
