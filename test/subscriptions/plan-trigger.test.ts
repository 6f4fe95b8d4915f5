import { buildSchema, GraphQLError, parse } from "graphql";
import { expect, test } from "vitest";
import { createTellErrors } from "../../gateway/errors/errors.ts";
import type { Operation } from "../../gateway/execution/engine.ts";
import type { Generation } from "../../gateway/generations/generations.ts";
import type { Generations } from "../../gateway/generations/generations.ts";
import { anonymous } from "../../lib/identity.ts";
import { planTrigger } from "../../gateway/subscriptions/plan-trigger.ts";
import { stillHolds } from "../../gateway/subscriptions/reload.ts";
import type { Trigger } from "../../gateway/subscriptions/trigger.ts";
import { CodedError } from "../../lib/errors.ts";
import { createLog } from "../../lib/log.ts";

/** A supergraph whose planner fails at everything. */
const failing = (error: Error) =>
  ({
    engine: {
      planSubscription: () => {
        throw error;
      },
    },
  }) as unknown as Generation;

test("a subscription that cannot be planned is our fault: the log says why, and the client is not blamed", () => {
  const lines: string[] = [];
  const log = createLog({ name: "gateway", level: "error" }, { write: (line) => void lines.push(line) });
  const errors = planTrigger(failing(new Error("no plan brings Boat.miles")), {} as Operation, anonymous([]));
  expect(errors).toBeInstanceOf(Array);
  const told = createTellErrors({ log })(errors as readonly GraphQLError[], { correlationId: "c1" });
  expect(told).toMatchObject([
    {
      message: expect.stringMatching(/^Something went wrong here; quote c1/),
      extensions: { code: "INTERNAL" },
    },
  ]);
  expect(lines.join("")).toContain("a subscription cannot be planned: no plan brings Boat.miles");
});

test("a subscription whose planner says what is wrong is told so", () => {
  const error = new GraphQLError("boatMoved is not here", { extensions: { code: "BAD_USER_INPUT" } });
  expect(planTrigger(failing(error), {} as Operation, anonymous([]))).toEqual([error]);
});

test("a live subscription moves to a new supergraph though a client who wanted the same plan was refused a turn", async () => {
  const plan = { subgraph: "boats", request: { query: "subscription { moved }" }, complete: () => {} };
  const generation = {
    supergraph: {
      apiSchema: buildSchema("type Query { a: Int } type Subscription { moved: Int }"),
      fieldOf: () => undefined,
    },
    engine: {
      planAhead: () => Promise.reject(new CodedError("RATE_LIMITED", "too many wait")),
      planSubscription: () => plan,
    },
    endpointOf: () => ({}),
  } as unknown as Generation;
  const moved: unknown[] = [];
  const trigger = {
    spec: { operation: { document: parse("subscription { moved }") } },
    listeners: [],
    replan: (to: unknown) => moved.push(to),
  } as unknown as Trigger;
  expect(await stillHolds(trigger, { current: () => generation } as unknown as Generations)).toBe(true);
  expect(moved).toMatchObject([{ subgraph: "boats" }]);
});
