import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { parse, type ExecutionResult } from "graphql";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { loadSupergraph } from "../../gateway/supergraph/supergraph.ts";
import type { GraphQLEndpoint } from "../../lib/graphql-endpoint.ts";
import { encodeIdentity, SCOPES, type Identity } from "../../lib/identity.ts";
import type { Subgraph } from "../../subgraphs/kit/run-subgraph.ts";
import { GATEWAY_SECRET as CATALOG_SECRET, startCatalog } from "../catalog/support.ts";
import { insertRun } from "../plms/fixtures.ts";
import { GATEWAY_SECRET as PLMS_SECRET, identity, startPlms } from "../plms/support.ts";
import { rawClient } from "../subscriptions/support/raw-client.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { protectedFields, type ProtectedField } from "./support/protected-fields.ts";

const schema = resolve(import.meta.dirname, "../../schema");
const sdl = readFileSync(resolve(schema, "supergraph.graphql"), "utf8");
const { apiSchema } = loadSupergraph(sdl, new Date(0));

/** What one subgraph's own SDL protects, asked without the gateway. */
const fieldsOf = (name: string) =>
  protectedFields(
    parse(readFileSync(resolve(schema, `${name}.graphql`), "utf8").replaceAll(/^extend type/gm, "type")),
    apiSchema,
  );
const isRoot = ({ coordinate }: ProtectedField) => /^(Query|Mutation|Subscription)\./.test(coordinate);
const typeOf = ({ coordinate }: ProtectedField) => coordinate.split(".", 1)[0] ?? "";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

interface Started {
  start: () => Promise<Subgraph>;
  secret: string;
  /** One of each entity that has protected fields here, by type. */
  entities: () => Promise<Record<string, string>>;
}

const starts: Record<string, Started> = {
  plms: {
    secret: PLMS_SECRET,
    start: async () => {
      const plms = await startPlms(database);
      onTestFinished(() => plms.close());
      return { ...plms, listen: async () => plms.url };
    },
    entities: async () => {
      const { id, projectId } = await insertRun(database);
      return { Project: projectId, ProjectRun: id, Model: "lx24" };
    },
  },
  catalog: {
    secret: CATALOG_SECRET,
    start: async () => (await startCatalog(database)).subgraph,
    entities: async () => ({ Project: "1" }),
  },
};

interface Question {
  query: string;
  variables?: Record<string, unknown>;
  as: Identity;
}

/** The codes of an answer, or of the first event of a stream. */
async function codesOf(endpoint: GraphQLEndpoint, { as, ...question }: Question): Promise<unknown[]> {
  const request = { ...question, caller: { identity: as, correlationId: "matrix" } };
  if (!question.query.startsWith("subscription")) return codesIn(await endpoint.execute(request));
  const events = endpoint.subscribe(request);
  // A stream that lets its caller in may have nothing to tell yet: it is not waited for longer than for an answer.
  const isLetIn = as.role === "admin" && endpoint.execute({ ...request, query: "{ __typename }" });
  const first = await (isLetIn ? Promise.race([events.next(), isLetIn]) : events.next());
  await events.return?.();
  return "value" in first ? codesIn(first.value as ExecutionResult) : [];
}

const codesIn = ({ errors = [] }: ExecutionResult) => errors.map(({ extensions }) => extensions?.["code"]);

const nobody = identity({ subject: "anonymous", scopes: [] });
const withoutThe = (own: readonly string[]) =>
  identity({ scopes: SCOPES.filter((scope) => !own.includes(scope)) });
const withJust = (scopes: readonly string[]) => identity({ scopes, role: "admin" });

const entityQuestion = (selection: string, type: string) =>
  `query ($of: [_Any!]!) { _entities(representations: $of) { ... on ${type} { ${selection} } } }`;

describe.each(Object.entries(starts))(
  "the subgraph %s, asked without the gateway",
  (name, { start, secret, entities }) => {
    test("G15: refuses everybody who does not have the gateway's secret, whatever they claim to be", async () => {
      const url = await (await start()).listen();
      const claims = encodeIdentity(identity({ role: "admin", scopes: SCOPES }));
      const ask = (headers: Record<string, string>, query = "{ __typename }") =>
        fetch(`${url}/graphql`, {
          method: "POST",
          headers: { "content-type": "application/json", "x-gateway-identity": claims, ...headers },
          body: JSON.stringify({ query }),
        });
      for (const query of [
        "{ __typename }",
        "{ _service { sdl } }",
        "{ _entities(representations: []) { __typename } }",
      ]) {
        const refused = await ask({ "x-gateway-secret": "a guess" }, query);
        expect([refused.status, await refused.text()]).toEqual([
          403,
          expect.not.stringContaining("type Query"),
        ]);
        expect((await ask({}, query)).status).toBe(403);
      }
      const unknown = await ask({ "x-gateway-secret": secret, "x-gateway-identity": "rubbish" });
      expect(unknown.status).toBe(401);
      expect((await ask({ "x-gateway-secret": secret })).status).toBe(200);
    });

    test("G15: closes sockets that do not have it", async () => {
      const url = (await (await start()).listen()).replace("http", "ws");
      const client = await rawClient(`${url}/graphql`, { authorization: "Bearer x.y.z" });
      expect((await client.closed()).code).toBe(4403);
    });

    const wrongIn = async (
      questions: readonly { field: ProtectedField; query: string; variables?: Record<string, unknown> }[],
    ) => {
      const { endpoint } = await start();
      const wrong: string[] = [];
      for (const { field, ...question } of questions) {
        const ask = async (as: Identity) => (await codesOf(endpoint, { ...question, as })).join();
        const codes = {
          nobody: await ask(nobody),
          others: await ask(withoutThe(field.own)),
          allowed: await ask(withJust(field.sufficient)),
        };
        const isRight = codes.nobody === "UNAUTHENTICATED" && codes.others === "FORBIDDEN";
        const isAnswered = !/UNAUTHENTICATED|FORBIDDEN|INTERNAL/.test(codes.allowed);
        if (!isRight || !isAnswered) wrong.push(`${field.coordinate}: ${JSON.stringify(codes)}`);
      }
      return wrong;
    };

    test("answers each root field to callers with its scope, and to no others", async () => {
      const fields = fieldsOf(name).filter(isRoot);
      expect(fields.length).toBeGreaterThan(15);
      expect(await wrongIn(fields.map((field) => ({ field, query: field.operation })))).toEqual([]);
    });

    test("answers each field of an entity to callers with its scope, and to no others", async () => {
      const fields = fieldsOf(name).filter((field) => !isRoot(field) && !field.isOpenItself);
      const ids = await entities();
      expect(new Set(fields.map(typeOf))).toEqual(new Set(Object.keys(ids)));
      const questions = fields.map((field) => {
        const type = typeOf(field);
        const variables = { of: [{ __typename: type, id: ids[type] }] };
        return { field, query: entityQuestion(field.selection, type), variables };
      });
      expect(await wrongIn(questions)).toEqual([]);
    });
  },
);
