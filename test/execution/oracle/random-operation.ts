import {
  getNamedType,
  isAbstractType,
  isCompositeType,
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
import type { GraphModel } from "./model.ts";
import { Random } from "./random.ts";

/** A request as a client sends it. */
export interface Request {
  query: string;
  variables: Readonly<Record<string, unknown>>;
}

/** Names of fields that a client may not know of, or that planners ask for by themselves. */
export const hiddenNames = ({ facts }: GraphModel): string[] => [
  ...new Set(
    Object.keys(facts)
      .filter((coordinate) => !/^(?:Query|Mutation)\./.test(coordinate))
      .map((coordinate) => coordinate.slice(coordinate.indexOf(".") + 1)),
  ),
];

const MAX_DEPTH = 5;
const CONDITIONS = ["on", "off", "late"] as const;

/** A request over a schema. Most are valid; the names of hidden fields make aliases that collide with them. */
export function randomRequest(
  schema: GraphQLSchema,
  seed: number,
  { hidden, defers }: { hidden: readonly string[]; defers: boolean },
): Request {
  const writer = new Writer(schema, new Random(seed), hidden, defers);
  return writer.request();
}

class Writer {
  readonly #schema: GraphQLSchema;
  readonly #random: Random;
  readonly #hidden: readonly string[];
  readonly #defers: boolean;
  readonly #declared = new Map<string, string>();
  readonly #variables: Record<string, unknown> = {};
  readonly #fragments = new Map<string, { on: string; text: string }>();
  #left: number;

  constructor(schema: GraphQLSchema, random: Random, hidden: readonly string[], defers: boolean) {
    this.#schema = schema;
    this.#random = random;
    this.#hidden = hidden;
    this.#defers = defers;
    this.#left = random.number(4, 30);
  }

  request(): Request {
    const random = this.#random;
    const mutation = this.#schema.getMutationType();
    const isMutation = mutation && random.chance(0.12) && !this.#defers;
    const root = isMutation ? mutation : this.#schema.getQueryType();
    if (!root) throw new Error("a schema without a root type");
    const body = this.#selections(root, 0);
    const declared = [...this.#declared].map(([name, type]) => `$${name}: ${type}`).join(", ");
    const head = `${isMutation ? "mutation" : "query"} Op${declared && `(${declared})`}`;
    const fragments = [...this.#fragments].map(([name, { on, text }]) => `fragment ${name} on ${on} ${text}`);
    return { query: [`${head} ${body}`, ...fragments].join("\n"), variables: this.#variables };
  }

  #selections(type: GraphQLCompositeType, depth: number): string {
    const random = this.#random;
    const count = random.number(1, depth === 0 ? 3 : 5);
    const parts = new Map<string, string>();
    for (let nth = 0; nth < count; nth++) {
      const part = this.#selection(type, depth);
      // One name is one field with one set of arguments.
      const name = /^[^\s({@]+(?=:)|^[^\s({@.]+/.exec(part)?.[0] ?? `${nth}`;
      const field = part.replace(/[@{].*$/s, "").trim();
      const known = parts.get(name);
      if (known === undefined || known.replace(/[@{].*$/s, "").trim() === field)
        parts.set(known === undefined ? name : `${nth}`, part);
    }
    return `{ ${[...parts.values()].join(" ")} }`;
  }

  #selection(type: GraphQLCompositeType, depth: number): string {
    const random = this.#random;
    this.#left -= 1;
    if (random.chance(0.07))
      return `${random.chance(0.3) ? `${this.#alias(type)}: ` : ""}__typename${this.#condition()}`;
    if (isUnionType(type) || random.chance(isAbstractType(type) ? 0.5 : 0.15))
      return this.#fragment(type, depth);
    const fields = Object.values(type.getFields());
    const leaves = fields.filter((field) => !isCompositeType(getNamedType(field.type)));
    const isEnd = depth >= MAX_DEPTH || this.#left < 0;
    if (isEnd && leaves.length === 0) return "__typename";
    return this.#field(
      type,
      random.pick(isEnd || random.chance(0.2) ? leaves.concat(isEnd ? [] : fields) : fields),
      depth,
    );
  }

  /** A name that another field of the type has, or a hidden one, or one of a few others. */
  #alias(type: GraphQLCompositeType): string {
    const random = this.#random;
    const names = isUnionType(type) ? [] : Object.keys(type.getFields());
    return random.pick([...names, ...this.#hidden, "one", "other"]);
  }

  #field(parent: GraphQLCompositeType, field: GraphQLField<unknown, unknown>, depth: number): string {
    const random = this.#random;
    const type = getNamedType(field.type);
    const alias = random.chance(0.22) ? `${this.#alias(parent)}: ` : "";
    const given = field.args.filter(
      ({ type: argument, defaultValue }) =>
        (isNonNullType(argument) && defaultValue === undefined) || random.chance(0.6),
    );
    const args = given.map((argument) => `${argument.name}: ${this.#argument(argument.type)}`);
    const head = `${alias}${field.name}${args.length > 0 ? `(${args.join(", ")})` : ""}${this.#condition()}`;
    return isCompositeType(type) ? `${head} ${this.#selections(type, depth + 1)}` : head;
  }

  #fragment(type: GraphQLCompositeType, depth: number): string {
    const random = this.#random;
    if (depth > MAX_DEPTH + 2) return "__typename";
    const related = isAbstractType(type)
      ? [...this.#schema.getPossibleTypes(type), ...this.#interfacesOf(type), type]
      : [type, ...type.getInterfaces()];
    const on: GraphQLCompositeType = random.pick(related);
    const known = [...this.#fragments].filter(([, fragment]) => fragment.on === on.name);
    const directives = this.#condition() + this.#defer();
    if (known.length > 0 && random.chance(0.4)) return `...${random.pick(known)[0]}${directives}`;
    const text = this.#selections(on, depth + 1);
    if (random.chance(0.1) && on === type) return `...${directives || " @include(if: true)"} ${text}`;
    if (!random.chance(0.3)) return `... on ${on.name}${directives} ${text}`;
    const name = `Part${this.#fragments.size}`;
    this.#fragments.set(name, { on: on.name, text });
    return `...${name}${directives}`;
  }

  /** Interfaces that share an implementation with a type. */
  #interfacesOf(type: GraphQLCompositeType): GraphQLCompositeType[] {
    const possible = isAbstractType(type) ? this.#schema.getPossibleTypes(type) : [];
    return possible.flatMap((each) => (isObjectType(each) ? [...each.getInterfaces()] : []));
  }

  #defer(): string {
    if (!this.#defers || !this.#random.chance(0.5)) return "";
    return this.#random.chance(0.2) ? ` @defer(if: $${this.#condition1("late")})` : " @defer";
  }

  #condition(): string {
    const random = this.#random;
    if (!random.chance(0.1)) return "";
    const condition = () => {
      const value = random.chance(0.3)
        ? String(random.chance(0.5))
        : `$${this.#condition1(random.pick(CONDITIONS))}`;
      return ` @${random.pick(["include", "skip"])}(if: ${value})`;
    };
    const first = condition();
    return (
      first +
      (random.chance(0.15)
        ? condition().replace(/@\w+/, first.includes("include") ? "@skip" : "@include")
        : "")
    );
  }

  /** A variable of a few that conditions share, so that some are opposite to others. */
  #condition1(name: (typeof CONDITIONS)[number]): string {
    if (this.#declared.has(name)) return name;
    const random = this.#random;
    const byDefault = random.chance(0.25);
    this.#declared.set(name, byDefault ? `Boolean! = ${String(random.chance(0.5))}` : "Boolean!");
    if (!byDefault || random.chance(0.3))
      this.#variables[name] = name === "on" || (name === "late" && random.chance(0.5));
    return name;
  }

  #argument(type: GraphQLInputType): string {
    const random = this.#random;
    const value = this.#value(type, 0);
    if (random.chance(0.5)) return this.#literal(value, type);
    const name = `v${this.#declared.size}`;
    const hasDefault = random.chance(0.3) && (value !== null || !isNonNullType(type));
    this.#declared.set(name, `${String(type)}${hasDefault ? ` = ${literal(value, type)}` : ""}`);
    const isLeftOut = hasDefault || !isNonNullType(type) ? random.chance(0.5) : false;
    if (!isLeftOut) this.#variables[name] = this.#value(type, 0);
    return `$${name}`;
  }

  /** A literal, with variables in it now and then. */
  #literal(value: unknown, type: GraphQLInputType): string {
    const nullable = isNonNullType(type) ? type.ofType : type;
    if (!isInputObjectType(nullable) || !this.#random.chance(0.3)) return literal(value, type);
    const name = `v${this.#declared.size}`;
    this.#declared.set(name, "Int");
    if (this.#random.chance(0.6)) this.#variables[name] = this.#random.number(0, 9);
    return `{ least: $${name}, texts: ["t"] }`;
  }

  #value(type: GraphQLInputType, depth: number): unknown {
    const random = this.#random;
    if (isNonNullType(type)) return this.#value(type.ofType, depth) ?? this.#value(type.ofType, 9);
    if (depth < 9 && random.chance(0.12)) return null;
    if (isListType(type)) {
      if (random.chance(0.1)) return this.#value(type.ofType, 9);
      return Array.from({ length: random.number(0, 2) }, () => this.#value(type.ofType, 9));
    }
    if (isInputObjectType(type)) {
      const fields = Object.values(type.getFields()).filter(() => depth < 2 && random.chance(0.5));
      return Object.fromEntries(fields.map((field) => [field.name, this.#value(field.type, depth + 1)]));
    }
    if (isEnumType(type)) return random.pick(type.getValues()).name;
    const n = random.number(0, 5);
    switch (type.name) {
      case "Int":
        return n;
      case "Boolean":
        return n > 2;
      case "JSON":
        return random.pick<unknown>([{ deep: [n, "x"] }, "text", n]);
      default:
        return random.chance(0.3) && type.name === "ID" ? n : `t${n}`;
    }
  }
}

function literal(value: unknown, type: GraphQLInputType): string {
  if (isNonNullType(type)) return literal(value, type.ofType);
  if (value === null || value === undefined) return "null";
  if (isListType(type)) {
    if (!Array.isArray(value)) return literal(value, type.ofType);
    return `[${value.map((each) => literal(each, type.ofType)).join(", ")}]`;
  }
  if (isInputObjectType(type)) {
    const fields = type.getFields();
    const entries = Object.entries(value).map(
      ([name, each]) => `${name}: ${literal(each, fields[name]?.type ?? type)}`,
    );
    return `{ ${entries.join(", ")} }`;
  }
  if (isEnumType(type) && typeof value === "string") return value;
  if (typeof value !== "object") return JSON.stringify(value);
  const entries = Object.entries(value).map(([name, each]) => `${name}: ${JSON.stringify(each)}`);
  return `{ ${entries.join(", ")} }`;
}
