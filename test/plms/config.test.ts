import { describe, expect, test } from "vitest";
import { EnvironmentError } from "../../lib/env.ts";
import { readPlmsConfig } from "../../subgraphs/plms/config.ts";

const REQUIRED = {
  DATABASE_URL: "postgresql://localhost:5432/plms",
  GATEWAY_SUBGRAPH_SECRET: "sixteen-or-more-characters",
  WEBHOOK_SECRET_PAS: "whsec_bG9jYWwtZGV2ZWxvcG1lbnQ=",
};

const problemsOf = (source: Record<string, string>): readonly string[] => {
  try {
    readPlmsConfig(source);
    return [];
  } catch (error) {
    if (error instanceof EnvironmentError) return error.problems;
    throw error;
  }
};

describe("the environment of PLMS", () => {
  test("needs a database and two secrets, and has a default for the rest", () => {
    expect(readPlmsConfig(REQUIRED)).toMatchObject({
      address: { host: "127.0.0.1", port: 6100 },
      pas: { baseUrl: "http://127.0.0.1:5000", timeoutMs: 30_000 },
      idempotencyTtlMs: 86_400_000,
      webhookSecrets: ["whsec_bG9jYWwtZGV2ZWxvcG1lbnQ="],
    });
  });

  test("takes a second webhook secret while they change", () => {
    const two = "whsec_bG9jYWwtZGV2ZWxvcG1lbnQ=, whsec_YW5vdGhlci1zZWNyZXQ=";
    expect(readPlmsConfig({ ...REQUIRED, WEBHOOK_SECRET_PAS: two }).webhookSecrets).toHaveLength(2);
  });

  test("says everything that is missing at once", () => {
    expect(problemsOf({})).toEqual([
      "DATABASE_URL is missing; expected a URL that starts with postgres:// or postgresql://",
      "GATEWAY_SUBGRAPH_SECRET is missing; expected at least 16 characters",
      "WEBHOOK_SECRET_PAS is missing; expected one or two secrets like whsec_<base64>, separated by a comma",
    ]);
  });

  test.each([
    ["DATABASE_URL", "mysql://secret-host/x"],
    ["GATEWAY_SUBGRAPH_SECRET", "short"],
    ["WEBHOOK_SECRET_PAS", "no-prefix"],
    ["WEBHOOK_SECRET_PAS", "whsec_bG9jYWwtZGV2ZWxvcG1lbnQ=,whsec_short"],
    ["WEBHOOK_SECRET_PAS", Array.from({ length: 3 }, () => REQUIRED.WEBHOOK_SECRET_PAS).join(",")],
  ])("refuses %s without showing it", (name, value) => {
    const problems = problemsOf({ ...REQUIRED, [name]: value });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(name);
    expect(problems[0]).not.toContain(value);
  });

  test.each([
    ["PORT", "70000"],
    ["PAS_BASE_URL", "ftp://pas"],
    ["PAS_TIMEOUT_MS", "soon"],
    ["IDEMPOTENCY_TTL_SECONDS", "1"],
    ["NODE_ENV", "prod"],
  ])("refuses %s of %s and says what is allowed", (name, value) => {
    expect(problemsOf({ ...REQUIRED, [name]: value })).toEqual([
      expect.stringContaining(`${name}: "${value}" is not allowed; expected`),
    ]);
  });
});
