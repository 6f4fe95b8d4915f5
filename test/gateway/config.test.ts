import { describe, expect, test } from "vitest";
import { readGatewayConfig } from "../../gateway/config.ts";
import { EnvironmentError } from "../../lib/env.ts";

const GOOD = { GATEWAY_SUBGRAPH_SECRET: "sixteen characters", JWT_SECRET: "x".repeat(32) };

const problemsOf = (env: Record<string, string>): readonly string[] => {
  try {
    readGatewayConfig(env);
    return [];
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    return error.problems;
  }
};

describe("the gateway's environment", () => {
  test("has a default for everything but the secrets", () => {
    const config = readGatewayConfig(GOOD);
    expect(config).toMatchObject({
      host: "127.0.0.1",
      port: 4000,
      isProduction: false,
      transport: { timeoutMs: 10_000, requestTimeoutMs: 30_000 },
    });
    expect(config.supergraphFile).toMatch(/schema\/supergraph\.graphql$/);
  });

  test("reports all problems at once, by name, value and what is allowed, and never a secret", () => {
    const problems = problemsOf({
      PORT: "70000",
      LOG_LEVEL: "loud",
      GATEWAY_SUBGRAPH_SECRET: "short",
      JWT_JWKS_URL: "ftp://keys",
    });
    expect(problems).toEqual([
      'PORT: "70000" is not allowed; expected an integer from 0 to 65535',
      'LOG_LEVEL: "loud" is not allowed; expected one of fatal, error, warn, info, debug, trace, silent',
      "GATEWAY_SUBGRAPH_SECRET: the value given (hidden) is not allowed; expected at least 16 characters",
      'JWT_JWKS_URL: "ftp://keys" is not allowed; expected a URL that starts with https:// or http://',
    ]);
  });

  test.each([
    ["auth off in production", { ...GOOD, AUTH_MODE: "off", NODE_ENV: "production" }, /AUTH_MODE/],
    [
      "no way to verify tokens",
      { GATEWAY_SUBGRAPH_SECRET: GOOD.GATEWAY_SUBGRAPH_SECRET },
      /both are missing/,
    ],
    ["two ways to verify tokens", { ...GOOD, JWT_JWKS_URL: "https://keys.example" }, /both are given/],
    ["a subgraph address that is none", { ...GOOD, SUBGRAPH_URLS: "plms" }, /name=http/],
  ])("refuses %s", (_name, env, problem) => {
    expect(problemsOf(env)).toEqual([expect.stringMatching(problem)]);
  });

  test("allows auth off in production to those who mean it", () => {
    expect(
      problemsOf({ ...GOOD, AUTH_MODE: "off", NODE_ENV: "production", AUTH_OFF_I_MEAN_IT: "1" }),
    ).toEqual([]);
  });

  test("wants the common secret of subgraphs, or that of each", () => {
    const { JWT_SECRET } = GOOD;
    expect(problemsOf({ JWT_SECRET })).toEqual([
      expect.stringMatching(/^GATEWAY_SUBGRAPH_SECRET is missing/),
    ]);
    expect(problemsOf({ JWT_SECRET, SUBGRAPH_SECRETS: "plms=sixteen characters" })).toEqual([]);
  });

  test("reads addresses that replace the supergraph's", () => {
    const { subgraphUrls } = readGatewayConfig({
      ...GOOD,
      SUBGRAPH_URLS: "plms=http://a:1/graphql, catalog=http://b/graphql?x=1",
    });
    expect([...subgraphUrls]).toEqual([
      ["plms", "http://a:1/graphql"],
      ["catalog", "http://b/graphql?x=1"],
    ]);
  });
});
