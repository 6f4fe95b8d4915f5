import {
  getNamedType,
  isAbstractType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
  isUnionType,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLSchema,
} from "graphql";
import { seeded } from "./random.ts";

/** An operation that somebody might send. */
export interface SampleOperation {
  query: string;
  variables: Record<string, unknown>;
}

const MAX_DEPTH = 5;

/** An operation over a schema; most are valid, all follow from the seed alone. */
export function generateOperation(schema: GraphQLSchema, seed: number): SampleOperation {
  const random = seeded(seed);
  const isMutation = schema.getMutationType() && random() < 0.15;
  const root = (isMutation ? schema.getMutationType() : undefined) ?? schema.getQueryType();
  if (!root) throw new Error("a schema without a root type");
  const writer = new Writer(schema, random);
  const body = writer.selections(root, 0);
  const declared = writer.declarations.length > 0 ? `(${writer.declarations.join(", ")})` : "";
  const query = `${isMutation ? "mutation" : "query"} Generated${declared} ${body}\n${writer.fragments.join("\n")}`;
  return { query, variables: writer.variables };
}

class Writer {
  readonly declarations: string[] = [];
  readonly variables: Record<string, unknown> = {};
  readonly fragments: string[] = [];
  readonly #schema: GraphQLSchema;
  readonly #random: () => number;

  constructor(schema: GraphQLSchema, random: () => number) {
    this.#schema = schema;
    this.#random = random;
  }

  selections(type: GraphQLCompositeType, depth: number): string {
    const parts: string[] = [];
    const count = 1 + Math.floor(this.#random() * 4);
    for (let index = 0; index < count; index++) {
      const part = this.#selection(type, depth);
      if (part) parts.push(part);
    }
    if (parts.length === 0) parts.push("__typename");
    return `{ ${parts.join(" ")} }`;
  }

  #selection(type: GraphQLCompositeType, depth: number): string | undefined {
    const luck = this.#random();
    if (luck < 0.1) return this.#random() < 0.7 ? "__typename" : "kindOfThing: __typename";
    if (luck < 0.3 || isUnionType(type)) return this.#fragment(type, depth);
    const field = this.#pick(Object.values(type.getFields()));
    return this.#field(field, depth);
  }

  #field(field: GraphQLField<unknown, unknown>, depth: number): string | undefined {
    const type = getNamedType(field.type);
    const isComposite = isObjectType(type) || isAbstractType(type);
    if (isComposite && depth >= MAX_DEPTH) return undefined;
    const alias = this.#random() < 0.15 ? `${this.#pick(["a", "b", "c"])}_${field.name}: ` : "";
    const given = field.args.filter((argument) => isNonNullType(argument.type) || this.#random() < 0.6);
    const args = given.map((argument) => `${argument.name}: ${this.#argument(argument.type)}`);
    const head = `${alias}${field.name}${args.length > 0 ? `(${args.join(", ")})` : ""}${this.#directive()}`;
    return isComposite ? `${head} ${this.selections(type, depth + 1)}` : head;
  }

  #fragment(type: GraphQLCompositeType, depth: number): string | undefined {
    if (depth >= MAX_DEPTH) return undefined;
    const types = isAbstractType(type)
      ? [...this.#schema.getPossibleTypes(type), type]
      : [type, ...type.getInterfaces()];
    const on = this.#pick<GraphQLCompositeType>(types);
    const body = this.selections(on, depth + 1);
    if (this.#random() < 0.3) {
      const name = `Part${this.fragments.length}`;
      this.fragments.push(`fragment ${name} on ${on.name} ${body}`);
      return `...${name}${this.#directive()}`;
    }
    return `... on ${on.name}${this.#directive()} ${body}`;
  }

  #directive(): string {
    if (this.#random() > 0.12) return "";
    const name = this.#random() < 0.5 ? "include" : "skip";
    const value = this.#random() < 0.5;
    return ` @${name}(if: ${this.#random() < 0.3 ? value : this.#variable("Boolean!", value)})`;
  }

  #argument(type: GraphQLInputType): string {
    const value = this.#value(type, 0);
    return this.#random() < 0.6 ? this.#variable(type.toString(), value) : literal(value, type);
  }

  #variable(type: string, value: unknown): string {
    const name = `v${this.declarations.length}`;
    this.declarations.push(`$${name}: ${type}`);
    if (value !== undefined && (value !== null || this.#random() < 0.5)) this.variables[name] = value;
    return `$${name}`;
  }

  #value(type: GraphQLInputType, depth: number): unknown {
    if (isNonNullType(type)) return this.#value(type.ofType, depth) ?? this.#value(type.ofType, 9);
    if (depth < 9 && this.#random() < 0.15) return null;
    if (isListType(type)) return [this.#value(type.ofType, depth + 1), this.#value(type.ofType, depth + 1)];
    if (isInputObjectType(type)) {
      const fields = Object.values(type.getFields()).filter(() => depth < 2 && this.#random() < 0.6);
      return Object.fromEntries(fields.map((field) => [field.name, this.#value(field.type, depth + 1)]));
    }
    if (isEnumType(type)) return this.#pick(type.getValues()).name;
    const n = Math.floor(this.#random() * 5);
    switch (type.name) {
      case "Int":
        return n;
      case "Float":
        return n / 2;
      case "Boolean":
        return n > 2;
      default:
        return `id:${n}`;
    }
  }

  #pick<T>(values: readonly T[]): T {
    const value = values[Math.floor(this.#random() * values.length)];
    if (value === undefined) throw new Error("nothing to pick from");
    return value;
  }
}

function literal(value: unknown, type: GraphQLInputType): string {
  if (isNonNullType(type)) return literal(value, type.ofType);
  if (value === null || value === undefined) return "null";
  if (Array.isArray(value) && isListType(type)) {
    return `[${value.map((each) => literal(each, type.ofType)).join(", ")}]`;
  }
  if (isInputObjectType(type)) {
    const fields = Object.entries(value).map(
      ([name, each]) => `${name}: ${literal(each, type.getFields()[name]?.type ?? type)}`,
    );
    return `{ ${fields.join(", ")} }`;
  }
  return isEnumType(type) && typeof value === "string" ? value : JSON.stringify(value);
}
