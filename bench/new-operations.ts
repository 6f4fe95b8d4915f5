import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  getNamedType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isRequiredInputField,
  Kind,
  OperationTypeNode,
  parse,
  typeFromAST,
  type GraphQLInputType,
  type GraphQLSchema,
} from "graphql";
import { loadSupergraph } from "../gateway/supergraph/supergraph.ts";
import { option, say } from "./engine/command-line.ts";
import type { Launch } from "./engine/fleet.ts";
import { composeGraph, OPERATIONS } from "./engine/graph.ts";
import { inTurns, median, ratio, type Costs } from "./engine/in-turns.ts";
import { headersOf, onStage } from "./engine/stage.ts";

/**
 * `node run.cjs bench/new-operations.ts [--base CHECKOUT] [--rounds N] [--graph NAME] [--known]`: what an operation costs that
 * has never come before, from its request to its answer, processes below the gateway included. Each request is another
 * operation: those of `schema/operations` before the shipped supergraph, and the small and the large one of `npm run
 * bench`. With `--known` the same ones come again and again. `limit` is Apollo Server that reads and checks, and asks nobody.
 */
const isKnown = process.argv.includes("--known");
const base = option("base");
const PER_ROUND = 180;
const TURNS = {
  rounds: Number(option("rounds") ?? 9),
  roundMs: isKnown ? 600 : 60_000,
  warmUp: { durationMs: isKnown ? 20_000 : 120_000, atMost: (isKnown ? 30 : 6) * PER_ROUND },
  connections: 4,
};
const schemaFile = (name: string) => new URL(`../schema/${name}`, import.meta.url);

interface Graph {
  name: string;
  /** By subgraph. */
  subgraphs: readonly string[];
  supergraph: (urls: Readonly<Record<string, string>>) => string;
  /** Operations with their variables, and a place in each for what makes it another one. */
  operations: (supergraph: string) => { query: string; variables: Record<string, unknown> }[];
}

const NEW = "NEW_";
const ofBench = (name: "small" | "large"): Graph => ({
  name,
  subgraphs: ["plms", "catalog"],
  supergraph: (urls) => composeGraph(urls),
  operations: () => [{ query: OPERATIONS[name].replace("query ", `query ${NEW}`), variables: { id: "p1" } }],
});
const shipped: Graph = {
  name: "shipped",
  subgraphs: ["plms", "catalog"],
  supergraph: (urls) =>
    Object.entries(urls).reduce(
      (text, [name, url]) => text.replace(new RegExp(`(name: "${name}", url: )"[^"]*"`), `$1"${url}"`),
      readFileSync(schemaFile("supergraph.graphql"), "utf8"),
    ),
  operations: (supergraph) => {
    const { apiSchema } = loadSupergraph(supergraph, new Date());
    const texts = readdirSync(schemaFile("operations"))
      .map((file) => readFileSync(schemaFile(`operations/${file}`), "utf8"))
      // The gateway answers for its own subgraph, which others do not have.
      .filter((text) => !/gatewayHealth|subgraphHealth/.test(text));
    return texts.flatMap((text) => {
      const [definition] = parse(text).definitions;
      if (definition?.kind !== Kind.OPERATION_DEFINITION) return [];
      if (definition.operation === OperationTypeNode.SUBSCRIPTION) return [];
      const variables = Object.fromEntries(
        (definition.variableDefinitions ?? []).map(({ variable, type }) => [
          variable.name.value,
          sampleOf(typeFromAST(apiSchema, type as never) as GraphQLInputType, apiSchema),
        ]),
      );
      return [{ query: text.replace(/(query|mutation) (\w+)/, `$1 ${NEW}$2`), variables }];
    });
  },
};

/** A value that an input type allows. */
function sampleOf(type: GraphQLInputType, schema: GraphQLSchema): unknown {
  if (isNonNullType(type)) return sampleOf(type.ofType, schema);
  if (isListType(type)) return [sampleOf(type.ofType, schema)];
  if (isEnumType(type)) return type.getValues()[0]?.name;
  if (isInputObjectType(type))
    return Object.fromEntries(
      Object.values(type.getFields())
        .filter(isRequiredInputField)
        .map((field) => [field.name, sampleOf(field.type, schema)]),
    );
  const name = getNamedType(type).name;
  if (name === "Boolean") return true;
  return name === "Int" || name === "Float" ? 1 : (SAMPLES[name] ?? "sample:1");
}

const SAMPLES: Readonly<Record<string, string>> = {
  DateTime: "2026-01-31T08:00:00.000Z",
  Date: "2026-01-31",
};

const LAUNCHES: Record<string, Launch> = {
  ours: { file: "ours" },
  ...(base !== undefined && { base: { file: "ours", checkout: base } }),
  ...(!process.argv.includes("--no-stock") && { stock: { file: "stock" } }),
  limit: { file: "nothing-behind" },
};

const only = option("graph");
const SCOPES = ["plm.admin", "plm.view", "portfolio.view", "lanes.manage", "workorders.write"].concat(
  ["view", "manage", "start", "simulate"].map((what) => `projects.${what}`),
);
const headers = [await headersOf("bench", SCOPES)];
for (const graph of [shipped, ofBench("small"), ofBench("large")])
  if (only === undefined || only === graph.name) say(JSON.stringify({ [graph.name]: await measure(graph) }));

function measure(graph: Graph) {
  return onStage(async (stage) => {
    const kind = { GRAPH: graph === shipped ? "shipped" : "projects" };
    const environments = Object.fromEntries(graph.subgraphs.map((name) => [name, kind]));
    const { setting } = await stage.setUp(environments, graph.supergraph);
    const text = graph.supergraph(setting.subgraphs);
    // Stock refuses what says that it is needed for security.
    const laxFile = join(stage.folder, "lax.graphql");
    writeFileSync(laxFile, text.replaceAll(", for: SECURITY", ""));
    const gateways = await stage.startAll(LAUNCHES, (name) =>
      name === "stock" || name === "limit" ? { ...setting, supergraphFile: laxFile } : setting,
    );
    const operations = graph.operations(text);
    let made = 0;
    const fresh = (count: number) =>
      Array.from({ length: count }, (_, n) => {
        const { query = "", variables } = operations[n % operations.length] ?? {};
        made += 1;
        return JSON.stringify({ query: query.replace(NEW, `n${made}_`), variables });
      });
    const known = fresh(operations.length);
    const asked = (_name: string, round: number) => {
      if (isKnown) return { bodies: known, headers };
      const bodies = fresh(round === 0 ? TURNS.warmUp.atMost : PER_ROUND);
      return { bodies, headers, atMost: bodies.length };
    };
    return summary(await inTurns(gateways, asked, TURNS));
  });
}

function summary(costs: Costs) {
  const told: Record<string, unknown> = {};
  for (const [name, rounds] of costs) {
    const inMs = (of: "userUs" | "totalUs") => Math.round(median(rounds.map((each) => each[of])) / 10) / 100;
    told[name] = { totalMs: inMs("totalUs"), userMs: inMs("userUs") };
    if (name === "ours") continue;
    const times = (of: "userUs" | "totalUs") => Math.round(ratio(costs, name, "ours", of) * 100) / 100;
    told[`${name}/ours`] = { total: times("totalUs"), user: times("userUs") };
  }
  return told;
}
