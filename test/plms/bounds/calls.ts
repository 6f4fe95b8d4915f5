import {
  getNamedType,
  isEnumType,
  isLeafType,
  isObjectType,
  isUnionType,
  OperationTypeNode,
  type ExecutionResult,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
} from "graphql";
import type { Subgraph } from "../../../subgraphs/kit/run-subgraph.ts";
import { identity } from "../support.ts";
import { Literal } from "./bounds.ts";

/** What came of a call: refused in these words, or not. */
export interface Outcome {
  refusal: { code: string; message: string; allowed: string | null; located: boolean } | null;
}

const ROOTS: Record<string, OperationTypeNode> = {
  Query: OperationTypeNode.QUERY,
  Mutation: OperationTypeNode.MUTATION,
  Subscription: OperationTypeNode.SUBSCRIPTION,
};

/** How one gets at an object whose fields take arguments. */
export type Ways = Record<string, (selection: string) => string>;

const everything = identity({
  scopes: [
    "projects.view",
    "projects.start",
    "projects.simulate",
    "projects.manage",
    "portfolio.view",
    "lanes.manage",
  ],
});

/** Calls fields of a schema, whichever they are. */
export function fieldCaller(plms: Pick<Subgraph, "endpoint">, schema: GraphQLSchema, ways: Ways) {
  return async (coordinate: string, values: Record<string, unknown>): Promise<Outcome> => {
    const [typeName = "", fieldName = ""] = coordinate.split(".");
    const type = schema.getType(typeName) as GraphQLObjectType;
    const field = type.getFields()[fieldName] as GraphQLField<unknown, unknown>;
    const { query, variables } = documentOf({ type, field, values, way: ways[typeName] });
    const request = { query, variables, caller: { identity: everything, correlationId: "test" } };
    if (ROOTS[typeName] !== OperationTypeNode.SUBSCRIPTION)
      return outcomeOf(await plms.endpoint.execute(request));
    const events = plms.endpoint.subscribe(request);
    const first = await events.next();
    await events.return?.();
    return outcomeOf(first.value as ExecutionResult);
  };
}

interface Call {
  type: GraphQLObjectType;
  field: GraphQLField<unknown, unknown>;
  values: Record<string, unknown>;
  way: ((selection: string) => string) | undefined;
}

function documentOf({ type, field, values, way }: Call): {
  query: string;
  variables: Record<string, unknown>;
} {
  const given = field.args.filter(({ name }) => name in values);
  const isWritten = ({ name }: { name: string }) => hasLiteral(values[name]);
  const variables = given.filter((argument) => !isWritten(argument));
  const written = given.map((argument) =>
    isWritten(argument)
      ? `${argument.name}: ${printed(values[argument.name], argument.type)}`
      : `${argument.name}: $${argument.name}`,
  );
  const declared = variables.map(({ name, type: of }) => `$${name}: ${of.toString()}`);
  const selection = `${field.name}${inBrackets(written)} ${selectionOf(field.type)}`;
  const root = ROOTS[type.name];
  if (root === undefined && way === undefined) throw new Error(`Say in WAYS how one gets at a ${type.name}`);
  return {
    query: `${root ?? OperationTypeNode.QUERY} ${inBrackets(declared)} { ${way ? way(selection) : selection} }`,
    variables: Object.fromEntries(variables.map(({ name }) => [name, values[name]])),
  };
}

const inBrackets = (items: readonly string[]): string => (items.length === 0 ? "" : `(${items.join(", ")})`);

function selectionOf(type: GraphQLOutputType): string {
  const named = getNamedType(type);
  if (isLeafType(named)) return "";
  if (!isUnionType(named)) return "{ __typename }";
  const isMember = named.getTypes().some(({ name }) => name === "InvalidInput");
  return `{ __typename ... on UserError { code message } ${isMember ? "... on InvalidInput { allowed }" : ""} }`;
}

/** As deep as inputs go, however deep values do. */
const DEEPEST_INPUT = 8;

function hasLiteral(value: unknown, depth = 0): boolean {
  if (value instanceof Literal) return true;
  if (typeof value !== "object" || value === null || depth > DEEPEST_INPUT) return false;
  return Object.values(value).some((item) => hasLiteral(item, depth + 1));
}

/** A value as one writes it in a document. */
function printed(value: unknown, type?: GraphQLInputType): string {
  if (value instanceof Literal) return value.text;
  if (Array.isArray(value)) return `[${value.map((item) => printed(item, type)).join(", ")}]`;
  const named = type && getNamedType(type);
  if (typeof value === "string" && isEnumType(named)) return value;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const fields = named && "getFields" in named && !isObjectType(named) ? named.getFields() : {};
  const entries = Object.entries(value).map(([key, item]) => {
    const field = fields[key] as { type: GraphQLInputType } | undefined;
    return `${key}: ${printed(item, field?.type)}`;
  });
  return `{ ${entries.join(", ")} }`;
}

function outcomeOf({ data, errors }: ExecutionResult): Outcome {
  const [error] = errors ?? [];
  if (error) {
    const { code, allowed = null } = error.extensions as { code?: string; allowed?: string };
    const located = error.locations !== undefined || error.path !== undefined;
    return { refusal: { code: code ?? "none", message: error.message, allowed, located } };
  }
  const [member] = Object.values(data ?? {}).flat() as ({
    code?: string;
    message?: string;
    allowed?: string;
  } | null)[];
  if (typeof member?.code !== "string") return { refusal: null };
  const { code, message = "", allowed = null } = member;
  return { refusal: { code, message, allowed, located: true } };
}
