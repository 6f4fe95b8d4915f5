import { createHash, randomUUID } from "node:crypto";
import type { ServerResponse } from "node:http";
import type { Identity } from "../../../lib/identity.ts";
import type { TestDatabase } from "../../support/database.ts";
import { caller, forgetPlmState, startHandmadePlm, startReplica } from "../support.ts";

export type Json = Readonly<Record<string, unknown>>;

/** What a partner's PLM says, as plain JSON in its own shape: nothing of it is checked before it is served. */
export interface PartnerData {
  models: Json[];
  /** By the PLM's id of the model: sections and rules. */
  configurations: Record<string, Json>;
}

export const trim = (code: string, more: Json = {}): Json => ({
  id: `trim-${code}`,
  code,
  name: code,
  ...more,
});
export const model = (code: string, trims: Json[] = [], more: Json = {}): Json => ({
  id: `model-${code}`,
  code,
  name: code,
  trims,
  ...more,
});
export const option = (code: string, more: Json = {}): Json => ({
  id: `option-${code}`,
  code,
  name: code,
  partNumber: `P-${code}`,
  default: true,
  ...more,
});
export const component = (code: string, options: Json[], more: Json = {}): Json => ({
  code,
  name: code,
  options,
  ...more,
});
export const section = (code: string, components: Json[], more: Json = {}): Json => ({
  code,
  name: code,
  components,
  ...more,
});

const SUPERVISOR: Partial<Identity> = {
  subject: "sam",
  role: "supervisor",
  scopes: ["plm.view", "workorders.write"],
};

const CREATE = `mutation ($input: CreateWorkOrderInput!, $key: String!) {
  createWorkOrder(input: $input, idempotencyKey: $key) { __typename
    ... on UserError { code message }
    ... on WorkOrderSuccess { workOrder { id dataSource options { id code section partNumber quantity { value unit } } } } } }`;

/** The catalogue before a partner whose data the test may change, with what is asked of both. */
export async function startPartner(
  database: TestDatabase,
  data: PartnerData,
  env: Record<string, string> = {},
) {
  await forgetPlmState(database);
  const requests: { path: string; status: number }[] = [];
  /** Status by path prefix, in the place of an answer. */
  const refusals = new Map<string, number>();
  const answer = (response: ServerResponse, path: string, status: number, body?: unknown, etag?: string) => {
    requests.push({ path, status });
    response.writeHead(status, { "content-type": "application/json", ...(etag && { etag }) });
    response.end(body === undefined ? "" : JSON.stringify(body));
  };
  const baseUrl = await startHandmadePlm((request, response) => {
    const path = request.url ?? "";
    const refusal = [...refusals].find(([prefix]) => path.startsWith(prefix));
    if (refusal) return answer(response, path, refusal[1]);
    const id = decodeURIComponent(/^\/plm\/models\/([^/]+)\/config$/.exec(path)?.[1] ?? "");
    const found = path === "/plm/catalog" ? { models: data.models } : data.configurations[id];
    if (!found) return answer(response, path, 404);
    const body = { schemaVersion: "1.4.0", data: found };
    const etag = `"${createHash("sha256").update(JSON.stringify(body)).digest("hex")}"`;
    if (request.headers["if-none-match"] === etag) return answer(response, path, 304, undefined, etag);
    return answer(response, path, 200, body, etag);
  });
  const catalog = await startReplica(database, {
    PLM_BASE_URL: baseUrl,
    PLM_DEADLINE_MS: "30000",
    PLM_POLL_SECONDS: "0",
    ...env,
  });
  const { endpoint } = catalog.subgraph;
  return {
    ...catalog,
    /** Executes as the supervisor who plans orders. */
    // oxlint-disable-next-line typescript/no-explicit-any -- the tests say what they expect
    supervise: async (query: string, variables: Json): Promise<{ data: any; errors: unknown }> => {
      const asked = { query, variables, caller: caller(SUPERVISOR) };
      const { data: answered, errors } = await endpoint.execute(asked);
      return { data: answered, errors };
    },
    data,
    requests,
    refusals,
    baseUrl,
    /** What `createWorkOrder` answers a supervisor. */
    // oxlint-disable-next-line typescript/no-explicit-any -- the tests say what they expect
    create: async (input: Json): Promise<any> => {
      const variables = { input, key: randomUUID() };
      const { data: answered, errors } = await endpoint.execute({
        query: CREATE,
        variables,
        caller: caller(SUPERVISOR),
      });
      if (errors) throw new Error(errors.map(({ message }) => message).join("; "));
      return answered?.["createWorkOrder"];
    },
  };
}
