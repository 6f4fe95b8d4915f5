import {
  Kind,
  type ConstDirectiveNode,
  type DefinitionNode,
  type DocumentNode,
  type InputValueDefinitionNode,
} from "graphql";
import { argumentsOf, namesOfDirective } from "../../../lib/linked-features.ts";

/** The arguments of `@listSize`. */
export interface ListSize {
  assumedSize?: number | undefined;
  slicingArguments: readonly string[];
  /** Fields of the returned object that are as long; none when the field itself is the list. */
  sizedFields: readonly string[];
}

/** What a supergraph says about costs. */
export interface CostDirectives {
  /** `@cost` by coordinate: `Type`, `Type.field`, `Type.field(argument:)`, `Input.field`. */
  weights: ReadonlyMap<string, number>;
  /** `@listSize` by coordinate. */
  listSizes: ReadonlyMap<string, ListSize>;
}

/** Reads `@cost` and `@listSize`, under whatever names the supergraph imports them; it may have neither. */
export function costDirectives(supergraph: DocumentNode): CostDirectives {
  const cost = namesOfDirective(supergraph, "cost", "cost");
  const listSize = namesOfDirective(supergraph, "cost", "listSize");
  const weights = new Map<string, number>();
  const listSizes = new Map<string, ListSize>();
  for (const { coordinate, directives } of supergraph.definitions.flatMap(elementsOf)) {
    for (const directive of directives ?? []) {
      const given = argumentsOf(directive);
      if (cost.has(directive.name.value)) weights.set(coordinate, Number(given["weight"]));
      if (listSize.has(directive.name.value)) listSizes.set(coordinate, toListSize(given));
    }
  }
  return { weights, listSizes };
}

const toListSize = ({ assumedSize, slicingArguments, sizedFields }: Record<string, unknown>): ListSize => ({
  assumedSize: typeof assumedSize === "number" ? assumedSize : undefined,
  slicingArguments: (slicingArguments as string[] | undefined) ?? [],
  sizedFields: (sizedFields as string[] | undefined) ?? [],
});

interface Element {
  coordinate: string;
  directives: readonly ConstDirectiveNode[] | undefined;
}

/** A definition and everything in it that a cost may be written on. */
function elementsOf(node: DefinitionNode): Element[] {
  if (node.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION)
    return inputs(node.fields, (name) => `${node.name.value}.${name}`);
  if (node.kind === Kind.SCALAR_TYPE_DEFINITION || node.kind === Kind.ENUM_TYPE_DEFINITION)
    return [{ coordinate: node.name.value, directives: node.directives }];
  if (node.kind !== Kind.OBJECT_TYPE_DEFINITION && node.kind !== Kind.INTERFACE_TYPE_DEFINITION) return [];
  const type = node.name.value;
  const fields = (node.fields ?? []).flatMap((field) => {
    const coordinate = `${type}.${field.name.value}`;
    return [
      { coordinate, directives: field.directives },
      ...inputs(field.arguments, (name) => `${coordinate}(${name}:)`),
    ];
  });
  return [{ coordinate: type, directives: node.directives }, ...fields];
}

const inputs = (
  values: readonly InputValueDefinitionNode[] | undefined,
  coordinateOf: (name: string) => string,
): Element[] =>
  (values ?? []).map(({ name, directives }) => ({ coordinate: coordinateOf(name.value), directives }));
