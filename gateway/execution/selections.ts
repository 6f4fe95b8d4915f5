import {
  isAbstractType,
  Kind,
  TypeNameMetaFieldDef,
  type FieldNode,
  type GraphQLInterfaceType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  type GraphQLUnionType,
  type SelectionSetNode,
} from "graphql";
import { isIncluded, isIntrospection, keyInData, type DecidedOperation } from "./decided.ts";

/** A field of the response with everything that is selected below it. */
export interface SelectedField {
  /** Its name in the response. */
  key: string;
  /** Its name in the data of the subgraphs. */
  dataKey: string;
  name: string;
  type: GraphQLOutputType;
  isTypename: boolean;
  /** Whether it is about the schema: answered by the gateway. */
  isIntrospection: boolean;
  sets: SelectionSetNode[];
}

export type CompositeType = GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType;

/**
 * The fields of an object of one type in the order of the response, fragments expanded. For an abstract type, those that
 * every object of it has.
 */
export function fieldsOf(
  type: CompositeType,
  sets: readonly SelectionSetNode[],
  { schema, operation }: { schema: GraphQLSchema; operation: DecidedOperation },
): SelectedField[] {
  const found = new Map<string, SelectedField>();
  const applies = (condition: string | undefined): boolean => {
    if (condition === undefined || condition === type.name) return true;
    const wanted = schema.getType(condition);
    return isAbstractType(wanted) && "getFields" in type && schema.isSubType(wanted, type);
  };
  const collect = ({ selections }: SelectionSetNode): void => {
    for (const selection of selections) {
      if (!isIncluded(selection, operation.decisions)) continue;
      if (selection.kind === Kind.FIELD) {
        add(selection);
        continue;
      }
      const fragment =
        selection.kind === Kind.INLINE_FRAGMENT ? selection : operation.fragments.get(selection.name.value);
      if (fragment && applies(fragment.typeCondition?.name.value)) collect(fragment.selectionSet);
    }
  };
  const add = (node: FieldNode): void => {
    const key = (node.alias ?? node.name).value;
    const field = found.get(key) ?? selectedField(type, node, operation);
    if (!field) return;
    found.set(key, field);
    if (node.selectionSet) field.sets.push(node.selectionSet);
  };
  for (const set of sets) collect(set);
  return [...found.values()];
}

function selectedField(
  type: CompositeType,
  node: FieldNode,
  { reserved }: DecidedOperation,
): SelectedField | undefined {
  const name = node.name.value;
  const key = (node.alias ?? node.name).value;
  const isTypename = name === TypeNameMetaFieldDef.name;
  const isAboutSchema = isIntrospection(node);
  const own = "getFields" in type ? type.getFields()[name]?.type : undefined;
  const fieldType = isTypename || isAboutSchema ? TypeNameMetaFieldDef.type : own;
  if (!fieldType) return undefined;
  const dataKey = isTypename ? name : keyInData(node, reserved);
  return {
    key,
    dataKey: isAboutSchema ? key : dataKey,
    name,
    type: fieldType,
    isTypename,
    isIntrospection: isAboutSchema,
    sets: [],
  };
}
