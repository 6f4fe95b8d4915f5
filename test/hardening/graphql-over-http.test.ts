import { serverAudits, type AuditResult } from "graphql-http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startGateway, type TestGateway } from "../gateway/support/start-gateway.ts";

/** Of graphql-http at the version of the lock file. */
const AUDITS = 61;

describe("the GraphQL over HTTP specification", () => {
  let gateway: TestGateway;
  let results: AuditResult[];
  beforeAll(async () => {
    gateway = await startGateway();
    const audits = serverAudits({ url: `${gateway.url}/graphql`, fetchFn: fetch });
    results = await Promise.all(audits.map((audit) => audit.fn()));
  });
  afterAll(() => gateway.close());

  const failed = (level: "MUST" | "SHOULD" | "MAY") =>
    results
      .filter(({ name, status }) => name.startsWith(level) && status !== "ok")
      .map(({ name, ...rest }) => `${name}: ${"reason" in rest ? rest.reason : ""}`);

  test(`is met in ${AUDITS} of ${AUDITS} audits, with introspection allowed`, () => {
    expect(results.map(({ status }) => status)).toEqual(Array.from({ length: AUDITS }, () => "ok"));
  });

  test.each(["MUST", "SHOULD", "MAY"] as const)("is met in every %s", (level) => {
    expect(results.some(({ name }) => name.startsWith(level))).toBe(true);
    expect(failed(level)).toEqual([]);
  });
});
