import {
  isSubtype,
  Variable,
  type CompositeType,
  type Field,
  type FragmentElement,
  type OutputType,
  type SelectionSet,
} from "@apollo/federation-internals";
import { NotCompilable } from "./not-compilable.ts";

/** A selection set with the condition, a JavaScript expression over `V`, under which it counts; "" is always. */
export interface ConditionalSet {
  set: SelectionSet;
  condition: string;
}

/** A field of the response with everything that is selected below it. */
export interface PlannedField {
  /** Its name in the response. */
  key: string;
  type: OutputType;
  isTypename: boolean;
  condition: string;
  /** The variables in `condition`. */
  variables: string[];
  sets: ConditionalSet[];
}

/** The fields of an object of one type, in the order of the response, fragments expanded. */
export function fieldsOf(type: CompositeType, sets: readonly ConditionalSet[]): PlannedField[] {
  const fields = new Map<string, PlannedField>();
  for (const { set, condition } of sets) collect({ set, condition }, type, fields);
  return [...fields.values()];
}

function collect(
  { set, condition: outer }: ConditionalSet,
  type: CompositeType,
  fields: Map<string, PlannedField>,
) {
  for (const selection of set.selections()) {
    const { element } = selection;
    const condition = and(outer, conditionOf(element));
    if (condition === NEVER) continue;
    if (selection.kind === "FieldSelection") {
      add(fields, selection.element, { set: selection.selectionSet, condition });
    } else if (!selection.element.typeCondition || isSubtype(selection.element.typeCondition, type)) {
      collect({ set: selection.selectionSet, condition }, type, fields);
    }
  }
}

function add(
  fields: Map<string, PlannedField>,
  element: Field<CompositeType>,
  { set, condition }: { set: SelectionSet | undefined; condition: string },
): void {
  const key = element.responseName();
  const { type, name } = element.definition as { type?: OutputType; name: string };
  if (element.definition.isSchemaIntrospectionField()) throw new NotCompilable("introspection");
  if (key in {}) throw new NotCompilable(`the response name ${key}`);
  if (!type) throw new NotCompilable(`the field ${name} without a type`);
  const known = fields.get(key);
  if (known && known.condition !== "" && known.condition !== condition) {
    throw new NotCompilable(`the field ${key} under two conditions`);
  }
  const sets = set ? [{ set, condition: condition === known?.condition ? "" : condition }] : [];
  if (known) known.sets.push(...sets);
  else {
    const own = sets.map((nested) => ({ ...nested, condition: "" }));
    fields.set(key, {
      key,
      type,
      isTypename: name === "__typename",
      condition,
      variables: [...condition.matchAll(/V\[("(?:[^"\\]|\\.)*")\]/g)].map(([, text = '""']) =>
        JSON.parse(text),
      ),
      sets: own,
    });
  }
}

const NEVER = "false";

/** When `@skip` and `@include` let an element pass, as a JavaScript expression over the variables `V`. */
function conditionOf(element: Field<CompositeType> | FragmentElement): string {
  let condition = "";
  for (const directive of element.appliedDirectives) {
    if (directive.name !== "skip" && directive.name !== "include") continue;
    const value: unknown = directive.arguments()["if"];
    const wanted = directive.name === "include";
    if (value instanceof Variable) condition = and(condition, `V[${JSON.stringify(value.name)}]===${wanted}`);
    else if (value !== wanted) return NEVER;
  }
  return condition;
}

function and(a: string, b: string): string {
  if (a === NEVER || b === NEVER) return NEVER;
  if (a === "" || b === "" || a === b) return a || b;
  return `${a}&&${b}`;
}
