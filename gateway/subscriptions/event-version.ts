import { Kind, parse, print, visit, type DocumentNode, type ExecutionResult, type FieldNode } from "graphql";
import type { LoadedSupergraph } from "../supergraph/supergraph.ts";
import type { SubscriptionPlan } from "../execution/engine.ts";
import { isEventId } from "./event-id.ts";

/** A request for events that also asks for the version of each, where the subgraph knows one. */
export interface VersionedRequest {
  request: SubscriptionPlan["request"];
  /** Takes the version out of an event; undefined when it has none. */
  takeVersion(event: ExecutionResult): string | undefined;
}

const ALIAS = "gatewayEventVersion";

/**
 * Versions make event ids that hold across gateways and restarts. A root field whose type has a `version`
 * in the same subgraph is asked for it, whatever the client selected.
 */
export function askForVersion(plan: SubscriptionPlan, supergraph: LoadedSupergraph): VersionedRequest {
  const unversioned = { request: plan.request, takeVersion: () => undefined };
  const document = parse(plan.request.query);
  const root = rootField(document);
  if (!root || !hasVersion(supergraph, plan.subgraph, root.name.value)) return unversioned;
  const name = root.alias?.value ?? root.name.value;
  return {
    request: { ...plan.request, query: print(selectVersion(document, root)) },
    takeVersion: (event) => takeFrom(event.data?.[name]),
  };
}

function takeFrom(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const record = value as Record<string, unknown>;
  const version = record[ALIAS];
  delete record[ALIAS];
  const text = typeof version === "number" ? String(version) : version;
  return isEventId(text) ? text : undefined;
}

function rootField(document: DocumentNode): FieldNode | undefined {
  const operation = document.definitions.find(({ kind }) => kind === Kind.OPERATION_DEFINITION);
  if (operation?.kind !== Kind.OPERATION_DEFINITION) return undefined;
  return operation.selectionSet.selections.find((selection) => selection.kind === Kind.FIELD);
}

function hasVersion({ apiSchema, fieldOf }: LoadedSupergraph, subgraph: string, field: string): boolean {
  const root = apiSchema.getSubscriptionType()?.name ?? "";
  const type = fieldOf(subgraph, root, field)?.type;
  const version = type && fieldOf(subgraph, print(type).replace("!", ""), "version");
  if (!version || (version.arguments ?? []).length > 0) return false;
  return /^(String|ID|Int)!?$/.test(print(version.type));
}

const selectVersion = (document: DocumentNode, root: FieldNode): DocumentNode =>
  visit(document, {
    Field: (node) => {
      if (node !== root || !node.selectionSet) return undefined;
      const version: FieldNode = {
        kind: Kind.FIELD,
        alias: { kind: Kind.NAME, value: ALIAS },
        name: { kind: Kind.NAME, value: "version" },
      };
      const selections = [...node.selectionSet.selections, version];
      return { ...node, selectionSet: { ...node.selectionSet, selections } };
    },
  });
