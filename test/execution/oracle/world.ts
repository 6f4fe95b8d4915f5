import {
  buildSchema,
  getArgumentValues,
  isObjectType,
  Kind,
  parse,
  parseType,
  printSchema,
  type FieldNode,
  type GraphQLSchema,
  type SelectionSetNode,
  type TypeNode,
} from "graphql";
import { chance } from "../support/random.ts";
import { canonical } from "./json.ts";
import type { GraphModel } from "./model.ts";

/** An object of the graph. Its type and number decide all its fields, so that every subgraph tells the same of it. */
export interface Thing {
  type: string;
  n: number;
  /** What the gateway said of it when it asked for it. */
  representation?: Readonly<Record<string, unknown>>;
  /** External fields that may be asked for here. */
  provided?: readonly string[];
}

/** How many objects there are of each type that has keys. */
const POPULATION = 4;
const NULLS = 0.12;
const MAX_SAFE = 9_007_199_254_740_993n;
type Values = Readonly<Record<string, unknown>>;

/** What is true in a graph. */
export class World {
  readonly model: GraphModel;
  /** What clients see, as one server. */
  readonly schema: GraphQLSchema;
  readonly #types = new Map<string, TypeNode>();
  readonly #selections = new Map<string, SelectionSetNode>();
  readonly #order: readonly string[];

  constructor(model: GraphModel, apiSchema: GraphQLSchema) {
    this.model = model;
    this.schema = buildSchema(printSchema(apiSchema), { assumeValid: true });
    this.#order = [...new Set(Object.keys(model.facts).map((coordinate) => coordinate.split(".")[0] ?? ""))];
  }

  /** The value of a field, objects as things. */
  value({ type, n }: Thing, field: string, args: Values): unknown {
    const fact = this.model.facts[`${type}.${field}`];
    if (!fact) throw new Error(`Nothing is known of ${type}.${field}`);
    if (fact.requires)
      return `${field}<${canonical(this.#truthOf({ type, n }, this.selection(fact.requires)))}>`;
    const given = Object.keys(args).length > 0 ? canonical(args) : "";
    return this.#invent(this.#typeNode(fact.type), {
      luckOf: (more) => chance(`${this.model.seed}|${type}.${field}/${n}|${given}|${more}`),
      leafText: `${field}:${type}${n}${given}`,
      // Numbers of their own for the objects of each type, so that no key leads to two.
      code: fact.isKey ? this.code(type, n) : undefined,
      choices: fact.choices,
    });
  }

  code = (type: string, n: number): number => 1_000 * (1 + this.#order.indexOf(type)) + n;

  /** What `requires` asks for, out of a representation. */
  given(representation: Values, requires: string): string {
    return canonical(picked(representation, this.selection(requires)));
  }

  selection(fields: string): SelectionSetNode {
    const known = this.#selections.get(fields);
    if (known) return known;
    const [definition] = parse(`{ ${fields} }`).definitions;
    if (definition?.kind !== Kind.OPERATION_DEFINITION) throw new Error(`No selection: ${fields}`);
    this.#selections.set(fields, definition.selectionSet);
    return definition.selectionSet;
  }

  /** The object that a representation is of. */
  find(representation: Values, types: readonly string[], keys: readonly string[]): Thing | undefined {
    for (const type of types) {
      for (let n = 0; n < POPULATION; n++) {
        const isIt = keys.some((key) => {
          const selection = this.selection(key);
          const said = picked(representation, selection);
          return canonical(said) === canonical(this.#truthOf({ type, n }, selection));
        });
        if (isIt) return { type, n, representation };
      }
    }
    return undefined;
  }

  /** The value of a field that is required, with the arguments that it is required with. */
  required(thing: Thing, field: FieldNode): unknown {
    const type = this.schema.getType(thing.type);
    // Hidden fields are none of the schema; they have no arguments.
    const definition = isObjectType(type) ? type.getFields()[field.name.value] : undefined;
    return this.value(thing, field.name.value, definition ? getArgumentValues(definition, field) : {});
  }

  #truthOf(thing: Thing, { selections }: SelectionSetNode): unknown {
    const entries = selections.flatMap((selection) => {
      if (selection.kind !== Kind.FIELD) return [];
      const name = selection.name.value;
      const value = this.required(thing, selection);
      const below = selection.selectionSet;
      return [[name, below ? mapped(value, (each) => this.#truthOf(each as Thing, below)) : value]];
    });
    return Object.fromEntries(entries) as unknown;
  }

  #typeNode(type: string): TypeNode {
    const known = this.#types.get(type) ?? parseType(type);
    this.#types.set(type, known);
    return known;
  }

  #invent(type: TypeNode, at: Place, index = ""): unknown {
    if (type.kind === Kind.NON_NULL_TYPE) return this.#present(type.type, at, index);
    return at.luckOf(`null${index}`) < NULLS ? null : this.#present(type, at, index);
  }

  #present(type: TypeNode, at: Place, index: string): unknown {
    if (type.kind === Kind.LIST_TYPE) {
      const length = Math.floor(at.luckOf(`length${index}`) * 4);
      return Array.from({ length }, (_, each) => this.#invent(type.type, at, `${index}.${each}`));
    }
    if (type.kind !== Kind.NAMED_TYPE) throw new Error("not null twice");
    const luck = at.luckOf(`value${index}`);
    return this.#leaf(type.name.value, at, { luck, index }) ?? this.#thing(type.name.value, at, luck);
  }

  #thing(type: string, { choices, code }: Place, luck: number): Thing {
    if (choices) {
      const chosen = choices[Math.floor(luck * choices.length)] ?? type;
      return { type: chosen, n: Math.floor(luck * 97) % POPULATION };
    }
    return { type, n: code ?? Math.floor(luck * POPULATION) };
  }

  #leaf(type: string, place: Place, { luck, index }: { luck: number; index: string }): unknown {
    const { leafText, code } = place;
    switch (type) {
      case "String":
        return luck < 0.1 ? `é "${leafText}${index}"\n` : leafText + index;
      case "ID":
        return identifier(place, luck) ?? leafText + index;
      case "Int":
        return code ?? Math.floor(luck * 200) - 50;
      case "Float":
        return Math.floor(luck * 40) / 4;
      case "Boolean":
        return luck < 0.5;
      case "Mood":
        return ["CALM", "WILD", "ODD"][Math.floor(luck * 3)];
      case "JSON":
        return luck < 0.4 ? { deep: [1, { text: `"${leafText}"` }], id: null } : `json ${leafText}`;
      case "Long":
        return this.#long(code ?? Math.floor(luck * 99));
      default:
        return undefined;
    }
  }

  /** Objects of this process hold no more than a `number` does. */
  #long = (n: number): unknown => (this.model.inText ? MAX_SAFE + 2n * BigInt(n) : n);
}

interface Place {
  luckOf: (what: string) => number;
  leafText: string;
  code: number | undefined;
  choices: readonly string[] | undefined;
}

/** Half of them are whole numbers, and those of keys are all. */
const identifier = ({ code }: Place, luck: number): string | undefined => {
  if (code !== undefined) return String(code);
  return luck < 0.5 ? String(Math.floor(luck * 99)) : undefined;
};

const mapped = (value: unknown, each: (value: unknown) => unknown): unknown => {
  if (value === null || value === undefined) return value;
  return Array.isArray(value) ? value.map((one: unknown) => mapped(one, each)) : each(value);
};

function picked(from: unknown, { selections }: SelectionSetNode): unknown {
  if (typeof from !== "object" || from === null) return from;
  const entries = selections.flatMap((selection) => {
    if (selection.kind !== Kind.FIELD) return [];
    const value: unknown = Reflect.get(from, selection.name.value);
    const below = selection.selectionSet;
    return [[selection.name.value, below ? mapped(value, (each) => picked(each, below)) : value]];
  });
  return Object.fromEntries(entries) as unknown;
}
