import { Kind, parse, validate, type DocumentNode, type OperationDefinitionNode } from "graphql";
import { explainedPlan, type ExplainedPlan } from "../execution/explanation.ts";
import type { Planned, PlanStore } from "../execution/plan-store.ts";
import type { LoadedSupergraph } from "../supergraph/supergraph.ts";
import type { OverrideChoice } from "../supergraph/overrides.ts";

/** What it takes to plan a text. */
interface Planning {
  supergraph: LoadedSupergraph;
  store: PlanStore<{ planned: Planned }>;
  forAll: OverrideChoice;
}

/** The operations of a document; none for one that the supergraph does not allow. */
function operationsIn(
  document: DocumentNode,
  { apiSchema }: Pick<LoadedSupergraph, "apiSchema">,
): OperationDefinitionNode[] {
  if (validate(apiSchema, document, undefined, { maxErrors: 1 }).length > 0) return [];
  return document.definitions.filter((each) => each.kind === Kind.OPERATION_DEFINITION);
}

/** Plans the operations of a document if the supergraph allows them; what is wrong with it is for its first request to say. */
export async function planText(text: string, { supergraph, store, forAll }: Planning): Promise<void> {
  try {
    const document = parse(text);
    for (const definition of operationsIn(document, supergraph))
      await store.get({ document, definition }, { variables: {}, ...forAll });
  } catch {
    // Documents of another supergraph may not even get through validation.
  }
}

/**
 * How the operation of a name is planned, or the only one. Undefined for a document that the supergraph does not allow.
 *
 * @param name as it is shown: the beginning of a long one
 */
export async function planOf(
  text: string,
  name: string,
  { supergraph, store, forAll }: Planning,
): Promise<ExplainedPlan | null | undefined> {
  const document = parse(text);
  const operations = operationsIn(document, supergraph);
  const definition = operations.find((each) => each.name?.value.startsWith(name)) ?? operations[0];
  if (!definition) return undefined;
  const prepared = await store.get({ document, definition }, { variables: {}, ...forAll });
  return explainedPlan(prepared.planned.plan);
}
