import {
  Kind,
  print,
  visit,
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from "graphql";

/** A selection set with everything that decides whether it counts. */
interface Part {
  set: SelectionSetNode;
  condition: string;
}

/** Documents with more fields than this, fragments expanded, are not looked through. */
const MAX_FIELDS = 5_000;

/**
 * Whether a response name is selected several times in one place under different conditions, or a fragment
 * stands in several places while there are conditions. The compiler notes the condition of a field at its
 * syntax node, and so takes it for that of the others.
 */
export function mixesConditions(document: DocumentNode, operation: OperationDefinitionNode): boolean {
  if (sharesFragments(document)) return true;
  const fragments = new Map(
    document.definitions
      .filter((node): node is FragmentDefinitionNode => node.kind === Kind.FRAGMENT_DEFINITION)
      .map((node) => [node.name.value, node]),
  );
  let seen = 0;
  const open: Part[][] = [[{ set: operation.selectionSet, condition: "" }]];
  for (let parts = open.pop(); parts; parts = open.pop()) {
    const places = fieldsByKey(parts, fragments);
    for (const fields of places.values()) {
      seen += fields.length;
      if (seen > MAX_FIELDS || new Set(fields.map(({ condition }) => condition)).size > 1) return true;
      const sets = fields.flatMap(({ node: { selectionSet: set } }) => (set ? [{ set, condition: "" }] : []));
      if (sets.length > 0) open.push(sets);
    }
  }
  return false;
}

function sharesFragments(document: DocumentNode): boolean {
  const spread = new Set<string>();
  const found = { repeated: false, conditional: false };
  visit(document, {
    FragmentSpread: ({ name }) => {
      if (spread.has(name.value)) found.repeated = true;
      spread.add(name.value);
    },
    Directive: (node) => void (found.conditional ||= isCondition(node)),
  });
  return found.repeated && found.conditional;
}

function fieldsByKey(parts: readonly Part[], fragments: ReadonlyMap<string, FragmentDefinitionNode>) {
  const fields = new Map<string, { node: FieldNode; condition: string }[]>();
  const open = [...parts];
  for (let part = open.pop(); part; part = open.pop()) {
    for (const node of part.set.selections) {
      const condition = part.condition + conditionOf(node.directives);
      if (node.kind === Kind.FIELD) {
        const key = (node.alias ?? node.name).value;
        fields.set(key, [...(fields.get(key) ?? []), { node, condition }]);
        continue;
      }
      const set =
        node.kind === Kind.INLINE_FRAGMENT ? node.selectionSet : fragments.get(node.name.value)?.selectionSet;
      if (set) open.push({ set, condition });
    }
  }
  return fields;
}

const isCondition = ({ name }: DirectiveNode) => name.value === "skip" || name.value === "include";

const conditionOf = (directives: readonly DirectiveNode[] = []): string =>
  directives.filter(isCondition).map(print).join("");
