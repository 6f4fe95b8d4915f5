import type { FetchNode, PlanNode } from "@apollo/query-planner";
import type { LoadedSupergraph } from "../../supergraph.ts";
import { NotCompilable } from "../compile/not-compilable.ts";
import { compileRequest, isQuery } from "../compile/request.ts";
import type { Planned } from "../plan-store.ts";
import { askText } from "./ask-text.ts";
import { inClientOrder } from "./client-order.ts";
import { decideOperation, decidePlan, decidingVariables, type Decisions } from "./conditions.ts";
import { compileEntitySplice } from "./entity-splice.ts";
import { rootShape } from "./object-shape.ts";
import { objectPattern } from "./patterns.ts";
import type { Splice } from "./splice.ts";

/** Texts in a row that did not fit, after which a subgraph is taken to write its answers in another way. */
const GIVE_UP_AFTER = 20;

/** Each doubles the ways in which an operation may be answered. */
const MOST_DECIDING_VARIABLES = 3;

/**
 * The way for plans whose answer is made of whole pieces of the subgraphs' text: one fetch, or one fetch
 * and then one for entities in it. Nothing is parsed; one pattern per fetch checks every value. What
 * `@include` and `@skip` leave to variables is compiled for each of their values that comes.
 */
export function compileSplice(planned: Planned, supergraph: LoadedSupergraph): Splice | undefined {
  const variables = decidingVariables(planned);
  if (variables.length === 0) return orNone(() => compileShape({ planned, supergraph, decisions: {} }));
  if (variables.length > MOST_DECIDING_VARIABLES) return undefined;
  const splices = new Map<string, Splice | undefined>();
  return async (run) => {
    const values = variables.map((name) => run.variables[name]);
    const key = values.join();
    if (!splices.has(key)) {
      if (!values.every((value) => typeof value === "boolean")) return undefined;
      const decisions = Object.fromEntries(variables.map((name, index) => [name, values[index] === true]));
      const compile = () => {
        const operation = decideOperation(planned, decisions, supergraph);
        return compileShape({ planned: { ...planned, operation }, supergraph, decisions });
      };
      splices.set(key, orNone(compile));
    }
    return splices.get(key)?.(run);
  };
}

interface Decided {
  planned: Planned;
  supergraph: LoadedSupergraph;
  decisions: Decisions;
}

function orNone(compile: () => Splice | undefined): Splice | undefined {
  try {
    const splice = compile();
    return splice && givingUp(splice);
  } catch (error) {
    if (error instanceof NotCompilable || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function compileShape({ planned, supergraph, decisions }: Decided): Splice | undefined {
  const { node: whole } = planned.plan;
  if (!whole || whole.kind === "Subscription") return undefined;
  const node = decidePlan(whole, decisions);
  if (node?.kind === "Fetch") return compileSingle(planned, node);
  if (node?.kind !== "Sequence" || node.nodes.length !== 2) return undefined;
  const [root, flatten] = node.nodes as [PlanNode, PlanNode];
  if (root.kind !== "Fetch" || flatten.kind !== "Flatten" || flatten.node.kind !== "Fetch") return undefined;
  if (!isPlain(root) || !isPlain(flatten.node) || !isQuery(root)) return undefined;
  const { path, node: entity } = flatten;
  return compileEntitySplice({ planned, supergraph, decisions, root, path, entity });
}

const HEAD = '{"data":';

function compileSingle({ operation }: Planned, node: FetchNode): Splice | undefined {
  if (!isPlain(node) || node.requires) return undefined;
  const shape = rootShape(operation);
  const pattern = new RegExp(String.raw`^\{"data":${objectPattern(shape)}\}$`);
  const request = compileRequest({ ...node, operation: inClientOrder(node.operation, shape) });
  return async (run) => {
    const text = await askText(run, { index: 0, request });
    return text !== undefined && pattern.test(text) ? text.slice(HEAD.length, -1) : undefined;
  };
}

const isPlain = (node: FetchNode) =>
  !node.inputRewrites?.length && !node.outputRewrites?.length && !node.contextRewrites?.length;

function givingUp(splice: Splice): Splice {
  let misses = 0;
  return async (run) => {
    if (misses >= GIVE_UP_AFTER) return undefined;
    try {
      const data = await splice(run);
      misses = data === undefined ? misses + 1 : 0;
      return data;
    } catch (error) {
      // An answer that is too long for the engine's backtracking stack.
      if (!(error instanceof RangeError)) throw error;
      misses++;
      return undefined;
    }
  };
}
