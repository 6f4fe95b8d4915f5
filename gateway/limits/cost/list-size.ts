import {
  getNamedType,
  getNullableType,
  GraphQLInt,
  isListType,
  isObjectType,
  Kind,
  type FieldNode,
  type GraphQLField,
  type OperationDefinitionNode,
  type ValueNode,
} from "graphql";
import type { Term, VariableValues } from "./term.ts";
import type { ListSize } from "./weights.ts";

type Field = GraphQLField<unknown, unknown>;

/** Arguments by which lists are cut where no `@listSize` says so. */
const SLICING = new Set(["first", "last", "limit"]);
/** The lists of a connection, as Relay specifies it. */
const CONNECTION_LISTS = ["edges", "nodes"];

/** What a field without `@listSize` says by its shape: a list or a connection with a slicing argument. */
export function customaryListSize(field: Field): ListSize | undefined {
  const slicingArguments = field.args
    .filter(({ name, type }) => SLICING.has(name) && getNullableType(type) === GraphQLInt)
    .map(({ name }) => name);
  const type = getNamedType(field.type);
  const fields = isObjectType(type) ? type.getFields() : {};
  const sizedFields = isList(field)
    ? []
    : CONNECTION_LISTS.filter((name) => fields[name] !== undefined && isList(fields[name]));
  const isUsable = slicingArguments.length > 0 && (isList(field) || sizedFields.length > 0);
  return isUsable ? { slicingArguments, sizedFields } : undefined;
}

export const isList = ({ type }: Field): boolean => isListType(getNullableType(type));

/** How many items a field asks for: the largest slicing argument that is given, else what is assumed. */
export function sizeOf(
  { node, field, size }: { node: FieldNode; field: Field; size: ListSize },
  operation: OperationDefinitionNode,
  otherwise: number,
): Term {
  const assumed = size.assumedSize ?? otherwise;
  const slices = size.slicingArguments.map((name) => {
    const given = node.arguments?.find((argument) => argument.name.value === name)?.value;
    const fallback = count(field.args.find((argument) => argument.name === name)?.defaultValue);
    return given ? slice(given, operation, fallback) : () => fallback;
  });
  const largest = (variables: VariableValues) => {
    const given = slices.map((read) => read(variables)).filter((value) => value !== undefined);
    return given.length > 0 ? Math.max(...given) : assumed;
  };
  const isConstant = node.arguments?.every(
    ({ name, value }) => !size.slicingArguments.includes(name.value) || value.kind !== Kind.VARIABLE,
  );
  return isConstant ? largest({}) : largest;
}

function slice(
  value: ValueNode,
  { variableDefinitions = [] }: OperationDefinitionNode,
  fallback: number | undefined,
): (variables: VariableValues) => number | undefined {
  if (value.kind === Kind.INT) return () => Number(value.value);
  if (value.kind !== Kind.VARIABLE) return () => fallback;
  const name = value.name.value;
  const declared = variableDefinitions.find(({ variable }) => variable.name.value === name)?.defaultValue;
  const ofDeclaration = declared?.kind === Kind.INT ? Number(declared.value) : fallback;
  return (variables) => (Object.hasOwn(variables, name) ? count(variables[name]) : ofDeclaration);
}

/** A length; anything else is left to those who check input. */
const count = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isFinite(value) ? Math.max(0, value) : undefined;
