import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { parse } from "graphql";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { loadSupergraph } from "../../gateway/supergraph.ts";
import { encodeIdentity, SCOPES } from "../../lib/identity.ts";
import type { Subgraph } from "../../lib/subgraph.ts";
import { GATEWAY_SECRET as CATALOG_SECRET, startCatalog } from "../catalog/support.ts";
import { GATEWAY_SECRET as PLMS_SECRET, identity, startPlms } from "../plms/support.ts";
import { rawClient } from "../subscriptions/support/raw-client.ts";
import { createTestDatabase, type TestDatabase } from "../support/database.ts";
import { protectedFields } from "./support/protected-fields.ts";

const schema = resolve(import.meta.dirname, "../../schema");
const sdl = readFileSync(resolve(schema, "supergraph.graphql"), "utf8");
const { apiSchema } = loadSupergraph(sdl, new Date(0));

/** The root fields of one subgraph: what its own SDL says, asked without the gateway. */
const rootFieldsOf = (name: string) =>
  protectedFields(
    parse(readFileSync(resolve(schema, `${name}.graphql`), "utf8").replaceAll(/^extend type/gm, "type")),
    apiSchema,
  ).filter(({ coordinate }) => /^(Query|Mutation|Subscription)\./.test(coordinate));

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

const starts: Record<string, { start: () => Promise<Subgraph>; secret: string }> = {
  plms: {
    secret: PLMS_SECRET,
    start: async () => {
      const plms = await startPlms(database);
      onTestFinished(() => plms.close());
      return { ...plms, listen: async () => plms.url };
    },
  },
  catalog: { secret: CATALOG_SECRET, start: async () => (await startCatalog(database)).subgraph },
};

describe.each(Object.entries(starts))(
  "the subgraph %s, asked without the gateway",
  (name, { start, secret }) => {
    it("G15: refuses everybody who does not have the gateway's secret, whatever they claim to be", async () => {
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

    it("G15: closes sockets that do not have it", async () => {
      const url = (await (await start()).listen()).replace("http", "ws");
      const client = await rawClient(`${url}/graphql`, { authorization: "Bearer x.y.z" });
      expect((await client.closed()).code).toBe(4403);
    });

    it("refuses each root field to callers without its scope", async () => {
      const { endpoint } = await start();
      const fields = rootFieldsOf(name);
      expect(fields.length).toBeGreaterThan(15);
      const codes = async (query: string, as: ReturnType<typeof identity>) => {
        const caller = { identity: as, correlationId: "matrix" };
        const isStream = query.startsWith("subscription");
        const events = isStream && endpoint.subscribe({ query, caller });
        const result = events ? (await events.next()).value : await endpoint.execute({ query, caller });
        if (events) await events.return?.();
        return (result?.errors ?? []).map(
          ({ extensions }: { extensions: { code?: unknown } }) => extensions.code,
        );
      };
      const wrong: string[] = [];
      for (const { coordinate, operation, own } of fields) {
        const nobody = await codes(operation, identity({ subject: "anonymous", scopes: [] }));
        if (nobody.join() !== "UNAUTHENTICATED") wrong.push(`${coordinate} for nobody: ${nobody.join()}`);
        const others = await codes(
          operation,
          identity({ scopes: SCOPES.filter((scope) => !own.includes(scope)) }),
        );
        if (others.join() !== "FORBIDDEN") wrong.push(`${coordinate} without its scope: ${others.join()}`);
      }
      expect(wrong).toEqual([]);
    });
  },
);
