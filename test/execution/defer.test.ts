import { getOperationAST, parse, validate, type DocumentNode, type ExecutionResult } from "graphql";
import { describe, expect, test } from "vitest";
import { createEngine } from "../../gateway/generations/create-engine.ts";
import type { Payload } from "../../gateway/execution/payload.ts";
import { createGraphQLEndpoint, type GraphQLEndpoint } from "../../lib/graphql-endpoint.ts";
import { anonymous } from "../../lib/identity.ts";
import { quietLog } from "../support/quiet-log.ts";
import { depth } from "../support/depth.ts";
import { abstractGraphs } from "./graphs/abstract.ts";
import { shopGraphs } from "./graphs/shop.ts";
import { merged, withRandomDefers } from "./support/defer.ts";
import { generateOperation } from "./support/operations.ts";
import type { SampleSupergraph } from "./support/supergraph.ts";

const caller = { identity: anonymous([]), correlationId: "c" };
const OPERATIONS = depth(4, 12);

/** An engine over a sample graph that notes what it asks, over text or objects. */
function start({ loaded, schemas }: SampleSupergraph, inText: boolean) {
  const sent: string[] = [];
  const endpoints = new Map(
    [...schemas].map(([name, schema]) => {
      const honest = createGraphQLEndpoint({ schema, log: quietLog, createContext: () => ({ caller }) });
      const execute: GraphQLEndpoint["execute"] = (request) => {
        sent.push(`${name} ${request.query} ${JSON.stringify(request.variables)}`);
        return honest.execute(request);
      };
      const exchange: GraphQLEndpoint["exchange"] = async ({ body, caller: asking }) =>
        JSON.stringify(await execute({ ...(JSON.parse(body) as { query: string }), caller: asking }));
      return [name, { ...honest, execute, ...(inText && { exchange }) }] as const;
    }),
  );
  const endpointOf = (name: string): GraphQLEndpoint => {
    const endpoint = endpoints.get(name);
    if (!endpoint) throw new Error(`no subgraph ${name}`);
    return endpoint;
  };
  const engine = createEngine({ supergraph: loaded, endpointOf });
  const operationOf = (document: DocumentNode, variables: Record<string, unknown>) => {
    const definition = getOperationAST(document);
    if (!definition) throw new Error("no operation");
    return { document, definition, variables };
  };
  return {
    sent,
    whole: (document: DocumentNode, variables: Record<string, unknown>) =>
      engine.execute(operationOf(document, variables), caller),
    inParts: async (document: DocumentNode, variables: Record<string, unknown>) => {
      const payloads: (Payload | ExecutionResult)[] = [];
      await engine.executeInParts(operationOf(document, variables), caller, (payload) =>
        payloads.push(payload),
      );
      return payloads;
    },
  };
}

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

/** Their invented entities differ by the way in which they are reached, and deferring changes the way. */
const FICKLE = new Set(["interface objects", "interfaces that implement interfaces", "inputs and mutations"]);
const graphs = [...shopGraphs, ...abstractGraphs].filter(({ name }) => !FICKLE.has(name));

describe.each(graphs)("deferred parts over $name", (graph) => {
  test.each([true, false])(
    "come to the same as the whole answer, and nothing is fetched twice (in text: %s)",
    async (inText) => {
      let [compared, split] = [0, 0];
      for (let seed = 1; compared < OPERATIONS && seed < OPERATIONS * 10; seed++) {
        const { query, variables } = generateOperation(graph.loaded.apiSchema, seed);
        const document = parse(query);
        if (validate(graph.loaded.apiSchema, document).length > 0) continue;
        const deferred = withRandomDefers(query, seed);
        const { whole, inParts, sent } = start(graph, inText);
        const expected = await whole(document, variables);
        // A broken promise ends at the part that it is in, so that the rest stays.
        if (expected.errors || expected.extensions) continue;
        compared++;
        sent.length = 0;
        const payloads = await inParts(deferred, variables);
        const context = { seed, query: deferred.loc?.source.body };
        expect({ context, data: plain(merged(payloads)) }).toEqual({ context, data: plain(expected.data) });
        expect({ context, sent: new Set(sent).size }).toEqual({ context, sent: sent.length });
        if (payloads.length > 1) split++;
        // Every payload but the last says that more follows.
        const last = payloads.findIndex((payload) => !("hasNext" in payload && payload.hasNext));
        expect({ context, last }).toEqual({ context, last: payloads.length - 1 });
      }
      expect(compared).toBeGreaterThan(3);
      expect(split).toBeGreaterThan(0);
    },
  );
});
