import { randomUUID } from "node:crypto";
import type { ExecutionResult } from "graphql";
import type { Identity } from "../../../lib/identity.ts";
import type { TestDatabase } from "../../support/database.ts";
import { caller, startCatalog, type CatalogTest } from "../support.ts";

const DAY_MS = 86_400_000;
const FRAGMENT = `
  __typename
  ... on WorkOrderSuccess { replayed workOrder { id number status versionNumber dataSource actions } }
  ... on UserError { code message }
  ... on InvalidInput { field }`;

const SUPERVISOR: Partial<Identity> = {
  subject: "sam",
  role: "supervisor",
  scopes: ["plm.view", "workorders.write"],
};
const ADMIN: Partial<Identity> = {
  subject: "ann",
  role: "admin",
  scopes: ["plm.view", "plm.admin", "workorders.write"],
};

/** An operator of the given departments. */
export const operatorOf = (...departments: string[]): Partial<Identity> => ({
  subject: "otto",
  role: "operator",
  scopes: ["plm.view", "workorders.write"],
  departments,
});

interface Answer {
  // oxlint-disable-next-line typescript/no-explicit-any -- the tests say what they expect
  data: any;
  errors: ExecutionResult["errors"];
}

type Variables = Record<string, unknown>;

export interface OrderTest extends CatalogTest {
  /** Executes as somebody; a supervisor unless told otherwise. */
  as: (who: Partial<Identity>, query: string, variables?: Variables) => Promise<Answer>;
  /** What `createWorkOrder` answers. */
  // oxlint-disable-next-line typescript/no-explicit-any -- the tests say what they expect
  create: (input?: Variables, who?: Partial<Identity>, key?: string) => Promise<any>;
  /** The id of a new order that has all that a release needs. */
  plan: (input?: Variables) => Promise<string>;
  // oxlint-disable-next-line typescript/no-explicit-any -- the tests say what they expect
  update: (input: Variables, who?: Partial<Identity>) => Promise<any>;
  // oxlint-disable-next-line typescript/no-explicit-any -- the tests say what they expect
  move: (id: string, action: string, more?: Variables, who?: Partial<Identity>) => Promise<any>;
}

export const admin = ADMIN;
export const supervisor = SUPERVISOR;

/** The subgraph with the calls that tests of work orders make. */
export async function startOrders(
  database: TestDatabase,
  env: Record<string, string> = {},
): Promise<OrderTest> {
  // On a busy machine, too, it is the PLM that answers.
  const catalog = await startCatalog(database, { PLM_DEADLINE_MS: "10000", ...env });
  const { endpoint } = catalog.subgraph;
  const as: OrderTest["as"] = async (who, query, variables) => {
    const { data, errors } = await endpoint.execute({ query, variables, caller: caller(who) });
    return { data, errors };
  };
  const mutate = async (
    field: string,
    query: string,
    call: { variables: Variables; who: Partial<Identity> },
  ) => {
    const { data, errors } = await as(call.who, query, call.variables);
    if (errors) throw new Error(errors.map(({ message }) => message).join("; "));
    return data[field];
  };
  const create: OrderTest["create"] = (input = {}, who = SUPERVISOR, key = randomUUID()) =>
    mutate(
      "createWorkOrder",
      `mutation ($input: CreateWorkOrderInput!, $key: String!) {
        createWorkOrder(input: $input, idempotencyKey: $key) { ${FRAGMENT} }
      }`,
      { variables: { input: { modelId: "lx24", trimId: "lx24-base", ...input }, key }, who },
    );
  return {
    ...catalog,
    as,
    create,
    plan: async (input = {}) => {
      const { workOrder } = await create({
        hullId: "HULL-1",
        plannedStartAt: new Date(Date.now() + DAY_MS).toISOString(),
        plannedFinishAt: new Date(Date.now() + 5 * DAY_MS).toISOString(),
        ...input,
      });
      return workOrder.id;
    },
    update: (input, who = SUPERVISOR) =>
      mutate(
        "updateWorkOrder",
        `mutation ($input: UpdateWorkOrderInput!) { updateWorkOrder(input: $input) { ${FRAGMENT} } }`,
        { variables: { input }, who },
      ),
    move: (id, action, more = {}, who = SUPERVISOR) =>
      mutate(
        "transitionWorkOrder",
        `mutation ($id: ID!, $action: WorkOrderAction!, $reason: String, $goodQty: Int, $scrapQty: Int, $stationId: ID) {
          transitionWorkOrder(id: $id, action: $action, reason: $reason, goodQty: $goodQty, scrapQty: $scrapQty,
            stationId: $stationId) { ${FRAGMENT} }
        }`,
        { variables: { id, action, ...more }, who },
      ),
  };
}
