import { getVariableValues, Kind, print, separateOperations, type OperationDefinitionNode } from "graphql";
import type { Caller } from "../../lib/graphql-endpoint.ts";
import type { Identity } from "../../lib/identity.ts";
import type { Operation } from "../execution/engine.ts";
import type { LoadedSupergraph } from "../supergraph/supergraph.ts";
import { serviceIdentity } from "./claims.ts";
import { deliveryOf, type Delivery, type DeliverySettings } from "./delivery.ts";

/** What a subscription has in common with others: equal keys are served by one trigger. */
export interface TriggerKey {
  key: string;
  /** The root field. */
  field: string;
  delivery: Delivery;
  /** The identity that all of them share. */
  identity: Identity;
  clientHeaders: Caller["clientHeaders"];
}

/** Who subscribes: what a subgraph may learn of them decides with whom they share. */
export type Asker = Pick<Caller, "identity" | "clientHeaders">;

interface KeySettings extends DeliverySettings {
  /** Some rule tells subgraphs who the caller is. */
  tellSubject: boolean;
}

/** A function that keys operations by their normalised text, their variables and the claims of their caller. */
export function createTriggerKeys(
  settings: KeySettings,
): (operation: Operation, asking: Asker, supergraph: LoadedSupergraph) => TriggerKey {
  const texts = new WeakMap<OperationDefinitionNode, string>();
  return (operation, { identity, clientHeaders }, supergraph) => {
    const field = rootFieldOf(operation.definition);
    const delivery = deliveryOf(field, settings, supergraph.eventStreams?.get(field));
    const perSubject = delivery.perSubject || settings.tellSubject;
    const shared = serviceIdentity(identity, { perSubject });
    const text = texts.get(operation.definition) ?? normalised(operation);
    texts.set(operation.definition, text);
    const key = JSON.stringify([
      text,
      coerced(operation, supergraph),
      shared,
      clientHeaders,
      operation.explains,
    ]);
    return { key, field, delivery, identity: shared, clientHeaders };
  };
}

function rootFieldOf({ selectionSet }: OperationDefinitionNode): string {
  const field = selectionSet.selections.find(({ kind }) => kind === Kind.FIELD);
  return field?.kind === Kind.FIELD ? field.name.value : "";
}

/** The operation and its fragments without its name, so that names do not keep equal operations apart. */
function normalised({ document, definition }: Operation): string {
  const own = separateOperations(document)[definition.name?.value ?? ""] ?? document;
  return own.definitions
    .map((node) => {
      if (node.kind !== Kind.OPERATION_DEFINITION) return print(node);
      const { name: _name, ...nameless } = node;
      return print(nameless);
    })
    .sort()
    .join("\n");
}

/** Variables as the operation sees them, in the order in which it declares them. */
function coerced({ definition, variables }: Operation, { apiSchema }: LoadedSupergraph): unknown {
  const declared = definition.variableDefinitions ?? [];
  const values = getVariableValues(apiSchema, declared, { ...variables }, { maxErrors: 1 }).coerced;
  return declared.map(({ variable }) => canonical(values?.[variable.name.value]));
}

/** The same value always as the same JSON: keys in order. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return { entries: entries.map(([key, inner]) => [key, canonical(inner)]) };
}
