import {
  getNamedType,
  isInputObjectType,
  Kind,
  valueFromASTUntyped,
  visit,
  type FieldNode,
  type GraphQLField,
  type GraphQLInputType,
  type OperationDefinitionNode,
  type ValueNode,
} from "graphql";
import { sum, type Term, type VariableValues } from "./term.ts";
import type { CostDirectives } from "./weights.ts";

interface Costing {
  operation: OperationDefinitionNode;
  model: CostDirectives;
}

/** What the arguments of a field cost: `@cost` of the argument, and every input object that is handed in. */
export function argumentsCost(
  node: FieldNode,
  { field, coordinates }: { field: GraphQLField<unknown, unknown>; coordinates: readonly string[] },
  costing: Costing,
): Term {
  const { weights } = costing.model;
  return sum(
    (node.arguments ?? []).map(({ name, value }) => {
      const argument = field.args.find((each) => each.name === name.value);
      if (!argument) return 0;
      const own =
        coordinates.map((coordinate) => weights.get(`${coordinate}(${name.value}:)`)).find(Boolean) ?? 0;
      if (!isInputObjectType(getNamedType(argument.type))) return own;
      return sum([own, givenCost(value, argument.type, costing)]);
    }),
  );
}

/** A value that is written out is counted once; one with variables in it, whenever they are known. */
function givenCost(value: ValueNode, type: GraphQLInputType, { operation, model }: Costing): Term {
  const read = (variables: VariableValues) =>
    valueCost(valueFromASTUntyped(value, { ...variables }), type, model);
  if (!hasVariables(value)) return read({});
  const defaults = Object.fromEntries(
    (operation.variableDefinitions ?? []).map(({ variable, defaultValue }) => [
      variable.name.value,
      defaultValue && valueFromASTUntyped(defaultValue),
    ]),
  );
  return (variables) => read({ ...defaults, ...variables });
}

function hasVariables(value: ValueNode): boolean {
  let found = false;
  visit(value, {
    [Kind.VARIABLE]: () => {
      found = true;
    },
  });
  return found;
}

/** Goes through a value without recursion: it may be nested more deeply than the stack is deep. */
function valueCost(value: unknown, type: GraphQLInputType, { weights }: CostDirectives): number {
  let total = 0;
  const open: [value: unknown, type: GraphQLInputType][] = [[value, type]];
  for (let next = open.pop(); next; next = open.pop()) {
    const [inner, innerType] = next;
    const named = getNamedType(innerType);
    if (!isInputObjectType(named) || typeof inner !== "object" || inner === null) continue;
    if (Array.isArray(inner)) {
      for (const item of inner) open.push([item, named]);
      continue;
    }
    total += 1;
    const fields = named.getFields();
    for (const [name, given] of Object.entries(inner)) {
      const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
      if (!field) continue;
      total += weights.get(`${named.name}.${name}`) ?? 0;
      open.push([given, field.type]);
    }
  }
  return total;
}
