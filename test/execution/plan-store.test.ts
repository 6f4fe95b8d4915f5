import { parse, type DocumentNode, type OperationDefinitionNode } from "graphql";
import { describe, expect, test } from "vitest";
import { createDeferredOperations } from "../../gateway/execution/defer/deferred-engine.ts";
import { fetchesOf, type Planner } from "../../gateway/execution/plan.ts";
import { createPlanStore, type Planned } from "../../gateway/execution/plan-store.ts";
import { createPlanner } from "../../gateway/execution/planner/planners.ts";
import { CodedError } from "../../lib/errors.ts";
import { federated } from "./support/supergraph.ts";

const { loaded } = federated("plans", { only: "type Query { a: Int b: Int c: Int }" });

function storeOf(capacity: number) {
  const planned: string[] = [];
  const planner = createPlanner({ supergraph: loaded, preferred: "native" });
  const finish = ({ plan }: Planned) => {
    const field = /[abc]/.exec(fetchesOf(plan.node)[0]?.operation ?? "")?.[0] ?? "";
    planned.push(field);
    return field;
  };
  const store = createPlanStore({ supergraph: loaded, planner, finish, capacity });
  return {
    planned,
    get: (document: DocumentNode) =>
      store.getNow(
        { document, definition: only(document) },
        { variables: {}, labels: new Set(), percentile: 100 },
      ),
    store,
  };
}

const only = (document: DocumentNode) => document.definitions[0] as OperationDefinitionNode;

describe("the store of plans", () => {
  const [a, b, c] = [parse("{ a }"), parse("{ b }"), parse("{ c }")];

  test("plans an operation once, whether it comes as the same document or as the same text", () => {
    const { planned, get } = storeOf(2);
    expect([get(a), get(a), get(parse("{ a }")), get(parse("{ a }"))]).toEqual(["a", "a", "a", "a"]);
    expect(planned).toEqual(["a"]);
  });

  test("forgets what has not been used for longest, even while its document lives on", () => {
    const { planned, get, store } = storeOf(2);
    for (const document of [a, b, c, a]) get(document);
    expect(planned).toEqual(["a", "b", "c", "a"]);
    expect(store.texts()).toEqual(["{ c }", "{ a }"]);
  });

  test("keeps what is in use, however many others come by", () => {
    const { planned, get } = storeOf(2);
    for (const document of [a, b, a, c, a]) get(document);
    expect(planned).toEqual(["a", "b", "c"]);
  });

  test("does not try again, with time or at once, what the planner could not plan, and does when it was only busy", async () => {
    const failures = [
      new Error("no way to b"),
      new CodedError("RATE_LIMITED", "too many wait", { retryable: true }),
    ];
    for (const failure of failures) {
      let attempts = 0;
      const fail = () => {
        attempts += 1;
        throw failure;
      };
      const planner: Planner = { name: "native", plan: fail, planAsync: async () => fail() };
      const store = createPlanStore({ supergraph: loaded, planner, finish: () => "made" });
      const operation = { document: b, definition: only(b) };
      const choice = { variables: {}, labels: new Set<string>(), percentile: 100 };
      for (let time = 0; time < 3; time++) {
        await expect((async () => store.get(operation, choice))()).rejects.toBe(failure);
        expect(() => store.getNow(operation, choice)).toThrow(failure);
      }
      expect(attempts).toBe(failure instanceof CodedError ? 6 : 1);
    }
  });
});

describe("operations with deferred parts", () => {
  const document = parse("{ a ... @defer { b } }");
  const operation = { document, definition: only(document), variables: {} };
  const choice = { variables: {}, labels: new Set<string>(), percentile: 100 };
  const failingWith = (failure: Error) => {
    let attempts = 0;
    const fail = () => {
      attempts += 1;
      throw failure;
    };
    const planner: Planner = { name: "native", plan: fail, planAsync: async () => fail() };
    const operations = createDeferredOperations({ supergraph: loaded, planner, prepare: () => "made" });
    return { partsOf: () => operations.partsOf(operation, choice), attempts: () => attempts };
  };

  test("are taken as a whole for a while when they could not be planned in parts", async () => {
    const { partsOf, attempts } = failingWith(new Error("no end"));
    await expect(partsOf()).rejects.toThrow("no end");
    expect(await partsOf()).toBeUndefined();
    expect(attempts()).toBe(1);
  });

  test("are planned at the next request when the planner was only busy", async () => {
    const { partsOf, attempts } = failingWith(
      new CodedError("RATE_LIMITED", "too many wait", { retryable: true }),
    );
    for (let time = 0; time < 2; time++) await expect(partsOf()).rejects.toThrow("too many wait");
    expect(attempts()).toBe(2);
  });
});
