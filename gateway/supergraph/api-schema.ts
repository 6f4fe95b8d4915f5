import {
  buildASTSchema,
  GraphQLError,
  Kind,
  validateSchema,
  parse,
  type GraphQLSchema,
  type DirectiveNode,
  type DefinitionNode,
  type DirectiveDefinitionNode,
  type DocumentNode,
  type NamedTypeNode,
} from "graphql";
import { linkedFeatures, namesOfDirective, type LinkedFeature } from "../../lib/linked-features.ts";

/**
 * What clients see of a supergraph: everything but how it is joined, what is inaccessible, and the directives of the
 * specifications that it links. `@defer` is the gateway's own.
 *
 * @throws GraphQLError naming what makes it no schema
 */
export function apiSchemaOf(supergraph: DocumentNode): GraphQLSchema {
  const features = linkedFeatures(supergraph);
  const inaccessible = namesOfDirective(supergraph, "inaccessible", "inaccessible");
  const isHidden = ({ directives = [] }: Directed) =>
    directives.some(({ name }) => inaccessible.has(name.value));
  const own = supergraph.definitions.filter(
    (node) => !isOfFeature(node, features) && !isHidden(node as Directed),
  );
  const hiddenTypes = new Set(
    supergraph.definitions.flatMap((node) =>
      "name" in node && node.name && !own.includes(node) ? [node.name.value] : [],
    ),
  );
  const definitions = own.flatMap((node) => withoutHidden(node, { isHidden, hiddenTypes }) ?? []);
  const isDefined = definitions.some((node) => "name" in node && node.name?.value === "defer");
  if (!isDefined) definitions.push(...DEFER.definitions);
  const schema = buildASTSchema({ kind: Kind.DOCUMENT, definitions }, { assumeValidSDL: true });
  const [problem] = validateSchema(schema);
  if (problem) throw new GraphQLError(`The supergraph gives no schema for clients: ${problem.message}`);
  return schema;
}

const DEFER = parse(
  "directive @defer(label: String, if: Boolean! = true) on FRAGMENT_SPREAD | INLINE_FRAGMENT",
  { noLocation: true },
);

interface Directed {
  readonly directives?: readonly DirectiveNode[] | undefined;
}

/** Types and directives that belong to a linked specification, like `join__Graph` and `@tag`. */
function isOfFeature(node: DefinitionNode, features: readonly LinkedFeature[]): boolean {
  if (!("name" in node) || !node.name) return false;
  const name = node.name.value;
  if (node.kind === Kind.DIRECTIVE_DEFINITION) return features.some((feature) => feature.owns(name));
  return name.includes("__") && features.some((feature) => feature.owns(name));
}

interface Hiding {
  isHidden: (node: Directed) => boolean;
  hiddenTypes: ReadonlySet<string>;
}

/** Directives that mean something to clients and their tools. */
const KEPT = new Set(["deprecated", "specifiedBy", "oneOf"]);

function withoutHidden(node: DefinitionNode, { isHidden, hiddenTypes }: Hiding): DefinitionNode | undefined {
  const kept = <T extends Directed>(nodes: readonly T[] | undefined): T[] =>
    (nodes ?? []).filter((each) => !isHidden(each)).map(bare);
  const isShown = ({ name }: NamedTypeNode) => !hiddenTypes.has(name.value);
  if (node.kind === Kind.SCHEMA_DEFINITION)
    return { ...bare(node), operationTypes: node.operationTypes.filter(({ type }) => isShown(type)) };
  if (node.kind === Kind.OBJECT_TYPE_DEFINITION || node.kind === Kind.INTERFACE_TYPE_DEFINITION)
    return {
      ...bare(node),
      interfaces: (node.interfaces ?? []).filter(isShown),
      fields: kept(node.fields).map((field) => ({ ...field, arguments: kept(field.arguments) })),
    };
  if (node.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION) return { ...bare(node), fields: kept(node.fields) };
  if (node.kind === Kind.ENUM_TYPE_DEFINITION) return { ...bare(node), values: kept(node.values) };
  if (node.kind === Kind.UNION_TYPE_DEFINITION)
    return { ...bare(node), types: (node.types ?? []).filter(isShown) };
  if (node.kind === Kind.SCALAR_TYPE_DEFINITION) return bare(node);
  if (node.kind !== Kind.DIRECTIVE_DEFINITION || !isForOperations(node)) return undefined;
  return { ...node, arguments: kept(node.arguments) };
}

const bare = <T extends Directed>(node: T): T => ({
  ...node,
  directives: (node.directives ?? []).filter(({ name }) => KEPT.has(name.value)),
});

const IN_OPERATIONS = new Set<string>([
  "QUERY",
  "MUTATION",
  "SUBSCRIPTION",
  "FIELD",
  "FRAGMENT_DEFINITION",
  "FRAGMENT_SPREAD",
  "INLINE_FRAGMENT",
  "VARIABLE_DEFINITION",
]);

const isForOperations = ({ name, locations }: DirectiveDefinitionNode): boolean =>
  KEPT.has(name.value) || locations.some((location) => IN_OPERATIONS.has(location.value));
