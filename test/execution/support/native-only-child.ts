import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { parse, type OperationDefinitionNode } from "graphql";
import { createEngine } from "../../../gateway/generations/create-engine.ts";
import { fetchesOf } from "../../../gateway/execution/plan.ts";
import { createPlanner } from "../../../gateway/execution/planner/planners.ts";
import { loadSupergraph } from "../../../gateway/supergraph/supergraph.ts";
import { anonymous } from "../../../lib/identity.ts";

/*
 * A process that has nothing but the native planner: prints whom a plan asks, how an operation is refused that it cannot
 * plan, and which modules of packages under the Elastic License are loaded in the end.
 */
const sdl = readFileSync(new URL("../../../schema/supergraph.graphql", import.meta.url), "utf8");
const supergraph = loadSupergraph(sdl, new Date(0));
const planner = createPlanner({ supergraph, preferred: "native-only" });
const text = "{ models { edges { node { name projects { edges { node { name } } } } } } }";
const { node } = await planner.planAsync({ text, labels: new Set(), percentile: 0 });

const engine = createEngine({
  supergraph,
  planner,
  endpointOf: (name) => {
    throw new Error(`${name} is asked`);
  },
});
const document = parse("{ nowhere }");
const [definition] = document.definitions as [OperationDefinitionNode];
const { errors = [] } = await engine.execute(
  { document, definition, variables: {} },
  { identity: anonymous([]), correlationId: "c" },
);

const ELASTIC = /@apollo\/(query-planner|query-graphs|federation-internals|composition|gateway)\//;
const fetched = fetchesOf(node).map(({ subgraph }) => subgraph);
const refused = errors[0]?.extensions["code"];
const loaded = Object.keys(createRequire(import.meta.url).cache).filter((file) => ELASTIC.test(file));
process.stdout.write(JSON.stringify({ fetched, refused, loaded }));
