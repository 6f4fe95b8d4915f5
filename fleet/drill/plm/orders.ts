import { randomUUID } from "node:crypto";
import type { Random } from "../../../mocks/seeded-random.ts";
import type { Answer, PlmStack } from "./stack.ts";
import { pick } from "./weather.ts";

const FRAGMENT = `__typename ... on UserError { code message }
  ... on WorkOrderSuccess { replayed workOrder { id versionNumber actions } }`;
const CREATE = `mutation ($input: CreateWorkOrderInput!, $key: String!) {
  result: createWorkOrder(input: $input, idempotencyKey: $key) { ${FRAGMENT} } }`;
const MOVE = `mutation ($id: ID!, $action: WorkOrderAction!, $reason: String) {
  result: transitionWorkOrder(id: $id, action: $action, reason: $reason) { ${FRAGMENT} } }`;
const PRODUCTS = [
  { modelId: "lx24", trimId: "lx24-base" },
  { modelId: "lx24", trimId: "lx24-luxury" },
  { modelId: "lx26", trimId: "lx26-sport" },
  { modelId: "lx22", trimId: "lx22-base" },
  { modelId: "lx21", trimId: "lx21-base" },
] as const;
const DAY_MS = 86_400_000;
const REPEATED_SHARE = 0.15;
const NEW_SHARE = 0.4;

export interface KnownOrder {
  id: string;
  /** What the latest acknowledged mutation made of it: as many as there have to be usage events. */
  versionNumber: number;
  actions: readonly string[];
}

/** What the mutations above answer with. */
interface Outcome {
  result:
    | { __typename: "WorkOrderSuccess"; replayed: boolean; workOrder: KnownOrder }
    | { __typename: "InvalidInput" | "NotFound" | "Conflict"; code: string; message: string };
}

interface Sent {
  key: string;
  input: Record<string, unknown>;
  id: string;
}

/** Plans orders and moves them along, as people do, and remembers everything that was acknowledged. */
export function createOrderDesk(stack: PlmStack, random: Random) {
  const orders = new Map<string, KnownOrder>();
  const sent: Sent[] = [];
  const problems: string[] = [];

  const keep = (answer: Answer<Outcome>): { id: string; replayed: boolean } | undefined => {
    const result = answer.data?.result;
    if (answer.status !== 200 || answer.errors || result?.__typename !== "WorkOrderSuccess") {
      problems.push(`an order was refused: ${answer.status} ${JSON.stringify(result ?? answer.errors)}`);
      return undefined;
    }
    const { workOrder, replayed } = result;
    if (!replayed) orders.set(workOrder.id, workOrder);
    return { id: workOrder.id, replayed };
  };
  const send = (question: { query: string; variables: Record<string, unknown> }) =>
    stack.ask<Outcome>({ ...question, as: "supervisor", replica: Math.floor(random() * stack.replicas) });

  const plan = async (): Promise<void> => {
    const input = {
      ...pick(random, PRODUCTS),
      hullId: `HULL-${sent.length + 1}`,
      plannedStartAt: new Date(Date.now() + DAY_MS).toISOString(),
      plannedFinishAt: new Date(Date.now() + 5 * DAY_MS).toISOString(),
    };
    const key = randomUUID();
    const kept = keep(await send({ query: CREATE, variables: { input, key } }));
    if (kept) sent.push({ key, input, id: kept.id });
  };
  const repeat = async ({ key, input, id }: Sent): Promise<void> => {
    const kept = keep(await send({ query: CREATE, variables: { input, key } }));
    if (kept && (!kept.replayed || kept.id !== id))
      problems.push(`key ${key} made a second order ${kept.id}`);
  };
  const move = async ({ id, actions }: KnownOrder): Promise<void> => {
    const action = pick(random, actions);
    keep(await send({ query: MOVE, variables: { id, action, reason: "drill" } }));
  };
  return {
    orders,
    problems,
    /** One thing that somebody does. */
    act: async (): Promise<void> => {
      const movable = [...orders.values()].filter(({ actions }) => actions.length > 0);
      if (sent.length > 0 && random() < REPEATED_SHARE) return repeat(pick(random, sent));
      if (movable.length === 0 || random() < NEW_SHARE) return plan();
      return move(pick(random, movable));
    },
  };
}
