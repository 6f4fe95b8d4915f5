import {
  Kind,
  parse,
  parseType,
  type ConstDirectiveNode,
  type DefinitionNode,
  type DocumentNode,
  type FieldDefinitionNode,
  type InterfaceTypeDefinitionNode,
  type ObjectTypeDefinitionNode,
  type SelectionSetNode,
  type TypeNode,
  type UnionTypeDefinitionNode,
} from "graphql";
import { argumentsOf, namesOfDirective } from "../../../../lib/linked-features.ts";
import { percentOf } from "../../../supergraph/joins.ts";
import { isFollowed, type OverrideChoice } from "../../../supergraph/overrides.ts";

/** A field as one subgraph has it. */
export interface FieldView {
  type: TypeNode;
  /** The type without lists and non-null marks. */
  named: string;
  /** Whether the subgraph gives it on its own account, and not only where another field provides it. */
  isOwn: (choice: OverrideChoice) => boolean;
  requires: SelectionSetNode | undefined;
  provides: SelectionSetNode | undefined;
  /** Arguments that come from a context. */
  contextArguments: ReadonlySet<string>;
}

/** An object that a field may be, and what the subgraph calls its type: an interface object has the interface's name. */
export interface Possible {
  type: string;
  name: string;
}

type Composite = ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode | UnionTypeDefinitionNode;
type Arguments = Record<string, unknown>;

/** What a supergraph says of one type, by the names that it gives its graphs. */
interface TypeView {
  node: Composite;
  joins: readonly Arguments[];
  implements: readonly Arguments[];
  members: readonly Arguments[];
  fields: Map<string, { node: FieldDefinitionNode; joins: readonly Arguments[] }>;
}

/** The subgraphs of a supergraph, as far as a plan has to agree with them. Types are looked at when a plan comes to them. */
export class SubgraphViews {
  readonly #nodes = new Map<string, Composite>();
  readonly #graphs = new Map<string, string>();
  readonly #types = new Map<string, TypeView>();
  readonly #possible = new Map<string, readonly Possible[]>();
  readonly #fields = new Map<string, FieldView | undefined>();
  readonly #sets = new Map<string, SelectionSetNode>();
  readonly #directive: (name: string) => ReadonlySet<string>;

  constructor(supergraph: DocumentNode) {
    const names = new Map<string, Set<string>>();
    this.#directive = (name) => {
      const known = names.get(name) ?? namesOfDirective(supergraph, "join", name);
      names.set(name, known);
      return known;
    };
    for (const node of supergraph.definitions) {
      if (isComposite(node)) this.#nodes.set(node.name.value, node);
      else if (node.kind === Kind.ENUM_TYPE_DEFINITION)
        for (const value of node.values ?? [])
          for (const { name } of this.#applied(value.directives, "graph"))
            this.#graphs.set(String(name), value.name.value);
    }
  }

  isComposite = (type: string): boolean => this.#nodes.has(type);

  isAbstract(type: string): boolean {
    const kind = this.#nodes.get(type)?.kind;
    return kind === Kind.INTERFACE_TYPE_DEFINITION || kind === Kind.UNION_TYPE_DEFINITION;
  }

  /** The object types of an abstract type. */
  objectsOf(type: string): string[] {
    const node = this.#nodes.get(type);
    if (node?.kind === Kind.UNION_TYPE_DEFINITION) return (node.types ?? []).map(({ name }) => name.value);
    if (node?.kind === Kind.OBJECT_TYPE_DEFINITION) return [type];
    return [...this.#nodes.values()].flatMap((each) =>
      each.kind === Kind.OBJECT_TYPE_DEFINITION && each.interfaces?.some(({ name }) => name.value === type)
        ? [each.name.value]
        : [],
    );
  }

  /** The type of a field, whichever subgraph has it. */
  namedTypeOf(type: string, field: string): string | undefined {
    const known = this.#typeOf(type)?.fields.get(field);
    return known && namedOf(known.node.type);
  }

  /** What an object may be that a subgraph says is of a type. */
  possible(subgraph: string, type: string): readonly Possible[] {
    const key = `${subgraph} ${type}`;
    const known = this.#possible.get(key) ?? this.#possibleNow(subgraph, type);
    this.#possible.set(key, known);
    return known;
  }

  /**
   * The object types that a field may be of. Subgraphs that share it give the same value, so each of them has to have the
   * type: a member that only one of them knows never comes.
   */
  typesOf(type: string, field: string, choice: OverrideChoice): ReadonlySet<string> | undefined {
    const sets = [...this.#graphs.keys()].flatMap((subgraph) => {
      const name = this.#nameAt(subgraph, type);
      const view = name === undefined ? undefined : this.fieldOf(subgraph, name, field);
      if (!view?.isOwn(choice)) return [];
      return [new Set(this.possible(subgraph, view.named).map((each) => each.type))];
    });
    const [first, ...others] = sets;
    return first && new Set([...first].filter((each) => others.every((other) => other.has(each))));
  }

  /** What a subgraph calls an object type; undefined when it does not know it. */
  #nameAt(subgraph: string, type: string): string | undefined {
    if (this.has(subgraph, type)) return type;
    const node = this.#nodes.get(type);
    const above = node && "interfaces" in node ? (node.interfaces ?? []) : [];
    return above.find(({ name }) => this.#isInterfaceObject(subgraph, name.value))?.name.value;
  }

  /** Whether a subgraph has a type. */
  has = (subgraph: string, type: string): boolean => this.#joinsOf(subgraph, type).length > 0;

  /** Whether a subgraph takes an object that it calls by a name for one of a type. */
  isOne(subgraph: string, name: string, type: string): boolean {
    return name === type || this.possible(subgraph, type).some((each) => each.name === name);
  }

  /** The keys that a subgraph finds the objects of a type by. */
  keysOf(subgraph: string, type: string): SelectionSetNode[] {
    return this.#joinsOf(subgraph, type).flatMap(({ key, resolvable }) =>
      typeof key === "string" && resolvable !== false ? [this.#setOf(key)] : [],
    );
  }

  /** A field of a type that a subgraph has; undefined when it has none. */
  fieldOf(subgraph: string, type: string, field: string): FieldView | undefined {
    const key = `${subgraph} ${type}.${field}`;
    if (this.#fields.has(key)) return this.#fields.get(key);
    const view = this.#fieldNow(subgraph, type, field);
    this.#fields.set(key, view);
    return view;
  }

  #fieldNow(subgraph: string, type: string, field: string): FieldView | undefined {
    const known = this.#typeOf(type)?.fields.get(field);
    if (!known || !this.has(subgraph, type)) return undefined;
    const graph = this.#graphs.get(subgraph);
    const own: Arguments | undefined =
      known.joins.length > 0 ? known.joins.find((join) => join["graph"] === graph) : {};
    if (!own) return undefined;
    const { requires, provides, contextArguments, type: ownType } = own;
    const typeNode = typeof ownType === "string" ? parseType(ownType, { noLocation: true }) : known.node.type;
    return {
      type: typeNode,
      named: namedOf(typeNode),
      isOwn: ownership(own),
      requires: typeof requires === "string" ? this.#setOf(requires) : undefined,
      provides: typeof provides === "string" ? this.#setOf(provides) : undefined,
      contextArguments: new Set(
        Array.isArray(contextArguments)
          ? (contextArguments as { name: unknown }[]).map(({ name }) => String(name))
          : [],
      ),
    };
  }

  #possibleNow(subgraph: string, type: string): readonly Possible[] {
    const node = this.#nodes.get(type);
    if (!node || !this.has(subgraph, type)) return [];
    if (this.#isInterfaceObject(subgraph, type))
      return this.objectsOf(type).map((each) => ({ type: each, name: type }));
    if (node.kind === Kind.OBJECT_TYPE_DEFINITION) return [{ type, name: type }];
    const isUnion = node.kind === Kind.UNION_TYPE_DEFINITION;
    const graph = this.#graphs.get(subgraph);
    const members = this.#typeOf(type)?.members ?? [];
    return [...this.#nodes.keys()].flatMap((name) => {
      if (name === type || !this.has(subgraph, name)) return [];
      const isObject =
        this.#nodes.get(name)?.kind === Kind.OBJECT_TYPE_DEFINITION ||
        this.#isInterfaceObject(subgraph, name);
      if (!isObject) return [];
      const isIt = isUnion
        ? members.some((member) => member["graph"] === graph && member["member"] === name)
        : this.#typeOf(name)?.implements.some(
            (each) => each["graph"] === graph && each["interface"] === type,
          );
      return isIt ? this.possible(subgraph, name) : [];
    });
  }

  #isInterfaceObject = (subgraph: string, type: string): boolean =>
    this.#joinsOf(subgraph, type).some(({ isInterfaceObject }) => isInterfaceObject === true);

  #joinsOf(subgraph: string, type: string): Arguments[] {
    const graph = this.#graphs.get(subgraph);
    return (this.#typeOf(type)?.joins ?? []).filter((join) => join["graph"] === graph);
  }

  #typeOf(name: string): TypeView | undefined {
    const known = this.#types.get(name);
    if (known) return known;
    const node = this.#nodes.get(name);
    if (!node) return undefined;
    const fields = "fields" in node ? (node.fields ?? []) : [];
    const view: TypeView = {
      node,
      joins: this.#applied(node.directives, "type"),
      implements: this.#applied(node.directives, "implements"),
      members: this.#applied(node.directives, "unionMember"),
      fields: new Map(
        fields.map((field) => [
          field.name.value,
          { node: field, joins: this.#applied(field.directives, "field") },
        ]),
      ),
    };
    this.#types.set(name, view);
    return view;
  }

  #applied(directives: readonly ConstDirectiveNode[] = [], name: string): Arguments[] {
    const names = this.#directive(name);
    return directives.filter((each) => names.has(each.name.value)).map(argumentsOf);
  }

  #setOf(fields: string): SelectionSetNode {
    const known = this.#sets.get(fields) ?? setOf(fields);
    this.#sets.set(fields, known);
    return known;
  }
}

function ownership(join: Arguments): FieldView["isOwn"] {
  const { external, override, usedOverridden, overrideLabel: label } = join;
  if (external === true) return () => false;
  if (typeof label !== "string") return () => usedOverridden !== true;
  // Both subgraphs have it, and the request decides.
  const isTarget = override !== undefined;
  const percent = percentOf(label);
  return (choice) => isFollowed({ label, percent }, choice) === isTarget;
}

const isComposite = (node: DefinitionNode): node is Composite =>
  node.kind === Kind.OBJECT_TYPE_DEFINITION ||
  node.kind === Kind.INTERFACE_TYPE_DEFINITION ||
  node.kind === Kind.UNION_TYPE_DEFINITION;

function setOf(fields: string): SelectionSetNode {
  const [node] = parse(`{${fields}}`, { noLocation: true }).definitions;
  if (node?.kind !== Kind.OPERATION_DEFINITION) throw new Error(`These are no fields: ${fields}`);
  return node.selectionSet;
}

export const namedOf = (type: TypeNode): string =>
  type.kind === Kind.NAMED_TYPE ? type.name.value : namedOf(type.type);
