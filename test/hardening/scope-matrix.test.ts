import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parse } from "graphql";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadSupergraph } from "../../gateway/supergraph/supergraph.ts";
import { createGateway, type Gateway } from "../../gateway/server.ts";
import { readGatewayConfig } from "../../gateway/config.ts";
import type { GraphQLEndpoint } from "../../lib/graphql-endpoint.ts";
import { streamOf } from "../../lib/streams.ts";
import { bearer, TEST_JWT } from "../gateway/support/start-gateway.ts";
import { isFull } from "../support/depth.ts";
import { quietLog } from "../support/quiet-log.ts";
import { LIBRARY_SUBGRAPHS, librarySupergraph, SPELLINGS } from "./support/library-supergraph.ts";
import { protectedFields, type ProtectedField } from "./support/protected-fields.ts";
import { codesOf, TRANSPORTS, type Ask, type Reply } from "./support/transports.ts";

/** The supergraph that we ship, and one that somebody else hands us, in every spelling of its directives. */
const SHIPPED = readFileSync(resolve(import.meta.dirname, "../../schema/supergraph.graphql"), "utf8");
const GRAPHS = {
  "the graph": { sdl: SHIPPED, plain: SHIPPED, subgraphs: ["plms", "catalog"], atLeast: 60 },
  ...Object.fromEntries(
    Object.keys(SPELLINGS).map((spelling) => [
      `a foreign graph, its directives ${spelling}`,
      {
        sdl: librarySupergraph(spelling),
        plain: librarySupergraph(),
        subgraphs: LIBRARY_SUBGRAPHS,
        atLeast: 18,
      },
    ]),
  ),
};

/** How directives are spelled has nothing to do with the transport: the quick run takes two of them there. */
const transportsOf = (sdl: string) =>
  Object.entries(TRANSPORTS).filter(
    ([name]) => isFull || sdl === SHIPPED || ["POST", "WebSocket"].includes(name),
  );

const IN_FLIGHT = 8;
const reached = () => ({ errors: [{ message: "reached", extensions: { code: "CONFLICT" } }] }) as never;

/** What the gateway asks by itself while somebody, of an earlier test perhaps, watches its health. */
const HEALTH_PROBE = "{__typename}";

/** A subgraph that notes who got through to it. */
function tripwire(calls: string[]): GraphQLEndpoint {
  return {
    execute: async ({ query }) => {
      calls.push(query);
      return reached();
    },
    subscribe: ({ query }) => {
      calls.push(query);
      return streamOf(reached());
    },
  };
}

/** What a transport cannot carry is refused by it, whoever asks. */
const isOutOfPlace = (name: string, { kind }: ProtectedField) =>
  (kind === "mutation" && name.includes("GET")) ||
  (kind === "subscription" && ["POST", "GET"].includes(name));

/** What the gateway's own subgraph answers who is let in: its times are too old for it, and no demo runs here. */
const EDGE_ANSWERS: Readonly<Record<string, string>> = {
  "GatewayHistory.limited": "BAD_USER_INPUT",
  "Mutation.setDemoFault": "NOT_FOUND",
};

describe.each(Object.entries(GRAPHS))(
  "every protected field of %s",
  (_graph, { sdl, plain, subgraphs, atLeast }) => {
    const fields = protectedFields(parse(plain), loadSupergraph(plain, new Date(0)).apiSchema);
    const scopes = [...new Set(fields.flatMap(({ own, sufficient }) => [...own, ...sufficient]))];
    const calls: string[] = [];
    const folder = mkdtempSync(join(tmpdir(), "scopes-"));
    let gateway: Gateway;
    let url: string;
    beforeAll(async () => {
      const file = join(folder, "supergraph.graphql");
      writeFileSync(file, sdl);
      const config = readGatewayConfig({
        PORT: "0",
        SUPERGRAPH_FILE: file,
        GATEWAY_SUBGRAPH_SECRET: "a-secret-for-subgraphs",
        JWT_SECRET: TEST_JWT.secret,
      });
      const inProcess = new Map(subgraphs.map((name) => [name, tripwire(calls)]));
      gateway = await createGateway(config, { log: quietLog, inProcess });
      url = await gateway.listen();
    });
    afterAll(async () => {
      await gateway.close();
      rmSync(folder, { recursive: true });
    });

    /** What went otherwise than expected, one line each. */
    const violations = async (
      ask: Ask,
      scopesOf: (field: ProtectedField) => string[] | undefined,
      isFine: (reply: Reply, field: ProtectedField) => boolean,
      among: readonly ProtectedField[] = fields,
    ) => {
      const found: string[] = [];
      const check = async (field: ProtectedField) => {
        const scopes = scopesOf(field);
        const authorization = scopes && (await bearer({ subject: "matrix", scopes }));
        const reply = await ask(url, { query: field.operation, authorization });
        if (!isFine(reply, field)) found.push(`${field.coordinate}: ${reply.text.slice(0, 200)}`);
      };
      for (let i = 0; i < among.length; i += IN_FLIGHT)
        await Promise.all(among.slice(i, i + IN_FLIGHT).map(check));
      return found;
    };
    const isRefusedWith =
      (name: string, code: string) =>
      (reply: Reply, field: ProtectedField): boolean => {
        const expected = new Set(isOutOfPlace(name, field) ? [code, "BAD_USER_INPUT"] : [code]);
        const codes = codesOf(reply);
        return codes.length > 0 && codes.every((each) => expected.has(String(each))) && !reply.data;
      };

    test("is found in the supergraph", () => {
      expect(fields.length).toBeGreaterThanOrEqual(atLeast);
      expect(new Set(fields.map(({ kind }) => kind))).toEqual(new Set(["query", "mutation", "subscription"]));
    });

    describe.each(transportsOf(sdl))("over %s", (name, ask) => {
      test("is closed to callers without a token, and no subgraph hears of them", async () => {
        calls.length = 0;
        expect(await violations(ask, () => undefined, isRefusedWith(name, "UNAUTHENTICATED"))).toEqual([]);
        expect(calls.filter((query) => query !== HEALTH_PROBE)).toEqual([]);
      });

      test("is closed to callers with every scope but its own", async () => {
        calls.length = 0;
        const others = ({ own }: ProtectedField) => scopes.filter((scope) => !own.includes(scope));
        const scoped = fields.filter(({ needsNoScope }) => !needsNoScope);
        expect(await violations(ask, others, isRefusedWith(name, "FORBIDDEN"), scoped)).toEqual([]);
        expect(calls.filter((query) => query !== HEALTH_PROBE)).toEqual([]);
      });

      test("is open to callers with its scope and that of the way to it", async () => {
        const isLetIn = (reply: Reply, field: ProtectedField) =>
          isOutOfPlace(name, field)
            ? codesOf(reply).join() === "BAD_USER_INPUT"
            : codesOf(reply).includes("CONFLICT") ||
              codesOf(reply).join() === EDGE_ANSWERS[field.coordinate] ||
              (reply.errors.length === 0 && reply.data !== null);
        expect(await violations(ask, ({ sufficient }) => sufficient, isLetIn)).toEqual([]);
      });
    });
  },
);
