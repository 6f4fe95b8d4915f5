import type { LoadedSupergraph } from "../../supergraph/supergraph.ts";
import type { EntityFetch, PlanNode, RootFetch } from "../plan.ts";
import type { Planned } from "../plan-store.ts";
import { askText, compileRequest } from "../request.ts";
import type { Run } from "../run.ts";
import { entitiesInClientOrder, inClientOrder } from "./client-order.ts";
import { compileEntitySplice } from "./entity-splice.ts";
import { compileTexts, shapeAt } from "./entity-texts.ts";
import { NotSpliceable, rootShape } from "./object-shape.ts";
import { objectPattern } from "./patterns.ts";

/** The `data` of an answer as it stands in the subgraphs' text; undefined when that is not in the form that it takes. */
export type Splice = (run: Run) => Promise<string | undefined>;

export interface Spliceable {
  splice: Splice;
  /** The plan that asks in the client's order, so that what it was answered serves both ways. */
  node: PlanNode;
}

/** Texts in a row that did not fit, after which a subgraph is not believed for a while. */
const GIVE_UP_AFTER = 20;
const TRY_AGAIN_AFTER_MS = 5_000;

/**
 * The way for plans whose answer is made of whole pieces of the subgraphs' text: one fetch, or one fetch and then one for
 * entities in it. Nothing is parsed; one pattern per fetch checks every value.
 */
export function compileSplice(planned: Planned, supergraph: LoadedSupergraph): Spliceable | undefined {
  try {
    const { node } = planned.plan;
    if (node?.kind === "fetch") return single(planned, node, supergraph);
    if (node?.kind !== "sequence" || node.nodes.length !== 2) return undefined;
    const [root, entity] = node.nodes;
    if (root?.kind !== "fetch" || entity?.kind !== "entities") return undefined;
    return joined({ planned, root, entity }, supergraph);
  } catch (error) {
    if (error instanceof NotSpliceable || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

const HEAD = '{"data":';

function single(planned: Planned, node: RootFetch, { apiSchema }: LoadedSupergraph): Spliceable | undefined {
  if (node.renames.length > 0) return undefined;
  const shape = rootShape(apiSchema, planned.operation);
  const pattern = new RegExp(String.raw`^\{"data":${objectPattern(shape)}\}$`);
  const own = { ...node, operation: inClientOrder(node.operation, shape) };
  const request = compileRequest(own);
  const splice: Splice = async (run) => {
    const answer = await askText(run, request);
    if (!answer || "failure" in answer || !pattern.test(answer.text)) return undefined;
    return answer.text.slice(HEAD.length, -1);
  };
  return { splice: givingUp(splice), node: own };
}

function joined(
  { planned, root, entity }: { planned: Planned; root: RootFetch; entity: EntityFetch },
  supergraph: LoadedSupergraph,
): Spliceable | undefined {
  const [group, ...others] = entity.groups;
  const [path, ...places] = group?.paths ?? [];
  if (!group || !path || others.length > 0 || places.length > 0) return undefined;
  const isPlain = path.every((step) => typeof step === "string");
  if (!isPlain || root.renames.length > 0 || root.operationKind !== "query") return undefined;
  if (group.inputRewrites.length + group.renames.length + group.contextArguments.length > 0) return undefined;
  const place = path.filter((step) => step !== "@");
  const client = rootShape(supergraph.apiSchema, planned.operation);
  const first = { ...root, operation: inClientOrder(root.operation, client, place) };
  const second = { ...entity, operation: entitiesInClientOrder(entity.operation, shapeAt(client, place)) };
  const texts = compileTexts({ planned, supergraph, root: first, entity: second, group, path });
  return {
    splice: givingUp(compileEntitySplice(texts)),
    node: { kind: "sequence", nodes: [first, second] },
  };
}

function givingUp(splice: Splice): Splice {
  let misses = 0;
  let lastMs = 0;
  return async (run) => {
    if (misses >= GIVE_UP_AFTER && performance.now() - lastMs < TRY_AGAIN_AFTER_MS) return undefined;
    let data: string | undefined;
    try {
      data = await splice(run);
    } catch (error) {
      // An answer that is too long for the engine's backtracking stack.
      if (!(error instanceof RangeError)) throw error;
    }
    misses = data === undefined ? misses + 1 : 0;
    if (data === undefined) lastMs = performance.now();
    return data;
  };
}
