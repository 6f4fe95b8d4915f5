import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bearer, startGateway, type TestGateway } from "../gateway/support/start-gateway.ts";
import { waitFor } from "../../lib/wait.ts";
import { TRANSPORTS, type Ask } from "./support/transports.ts";

/** What an operation is counted as, and a document of that kind whose operation has the name. */
interface Metered {
  kind: "query" | "mutation" | "subscription" | "unparsed";
  outcome: "ok" | "errors";
  document: (name: string) => string;
}

const METERED: Readonly<Record<string, Metered>> = {
  "a query": { kind: "query", outcome: "ok", document: (name) => `query ${name} { whoAmI }` },
  "a query that fails": { kind: "query", outcome: "errors", document: (name) => `query ${name} { broken }` },
  "a query that is refused": {
    kind: "query",
    outcome: "errors",
    document: (name) => `query ${name} { secretPlan }`,
  },
  "a mutation": {
    kind: "mutation",
    outcome: "ok",
    document: (name) => `mutation ${name} { rename(id: "b1", name: "Boat b1") { id } }`,
  },
  "a subscription": {
    kind: "subscription",
    outcome: "ok",
    document: (name) => `subscription ${name} { boatMoved(id: "b1") { id } }`,
  },
  "what cannot be read": { kind: "unparsed", outcome: "errors", document: (name) => `query ${name} {` },
};

/** Ways that have no place for a kind of operation, and refuse it. */
const MISPLACED: Readonly<Record<string, readonly Metered["kind"][]>> = {
  POST: ["subscription"],
  GET: ["subscription", "mutation"],
  "SSE by GET": ["mutation"],
};

describe("an operation is in the counter, in the duration and in the list of operations alike", () => {
  let gateway: TestGateway;
  let authorization: string;
  let operator: string;
  beforeAll(async () => {
    gateway = await startGateway();
    authorization = await bearer({}, 3_600);
    operator = await bearer({ scopes: ["plm.admin"] }, 3_600);
  });
  afterAll(() => gateway.close());

  const readings = async ({ kind, outcome }: Pick<Metered, "kind" | "outcome">) => {
    const text = await (await fetch(`${gateway.url}/metrics`)).text();
    const valueOf = (series: string) =>
      Number(
        text
          .split("\n")
          .find((line) => line.startsWith(`${series} `))
          ?.slice(series.length) ?? 0,
      );
    return {
      counted: valueOf(`gateway_operations_total{kind="${kind}",outcome="${outcome}"}`),
      timed: valueOf(`gateway_operation_duration_seconds_count{kind="${kind}"}`),
    };
  };
  const listed = async (wanted: string) => {
    const { body } = await gateway.post(
      {
        query: `query ($from: DateTime!) { gatewayHealth { history(from: $from) { operations(first: 100) { name kind calls } } } }`,
        variables: { from: new Date(Date.now() - 600_000).toISOString() },
      },
      { authorization: operator },
    );
    const health = body.data?.["gatewayHealth"] as
      | { history: { operations: { name: string; kind: string; calls: number }[] } }
      | undefined;
    return health?.history.operations.find(({ name }) => name === wanted);
  };

  describe.each(Object.entries(TRANSPORTS))("over %s", (way, ask: Ask) => {
    test.each(Object.entries(METERED))("%s", async (what, { document, ...metered }) => {
      const { kind } = metered;
      const isMisplaced = MISPLACED[way]?.includes(kind) === true;
      const outcome = isMisplaced ? "errors" : metered.outcome;
      const name = `${way} ${what}`.replaceAll(/\W/g, "_");
      const before = await readings({ kind, outcome });
      await ask(gateway.url, { query: document(name), authorization });
      const expected = { counted: before.counted + 1, timed: before.timed + 1 };
      await waitFor(async () => (await readings({ kind, outcome })).counted > before.counted);
      // Asking for the list is a query of its own.
      expect(await readings({ kind, outcome })).toEqual(expected);
      expect(await listed(name)).toEqual(kind === "unparsed" ? undefined : { name, kind, calls: 1 });
    });
  });
});
