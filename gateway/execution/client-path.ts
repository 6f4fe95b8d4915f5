import { Kind, type FieldNode, type SelectionSetNode } from "graphql";
import { isIncluded, keyInData, type DecidedOperation } from "./decided.ts";

export type Path = readonly (string | number)[];

/** A place in the answer as the client knows it. */
interface ClientPlace {
  path: Path;
  /** Whether it goes all the way; what the client did not select has no place of its own. */
  isWhole: boolean;
}

/**
 * The client's path of a place: `known` is a path in the answer already, `rest` goes on from there under the names of the
 * data. It ends before the first field that the client did not select, like a key.
 *
 * @example locate(["films", 1], ["code"]) // { path: ["films", 1], isWhole: false }
 */
export type Locate = (known: Path, rest: Path) => ClientPlace;

export function createLocate({ definition, fragments, decisions, reserved }: DecidedOperation): Locate {
  const fieldsIn = (set: SelectionSetNode | undefined): FieldNode[] =>
    (set?.selections ?? []).flatMap((selection) => {
      if (!isIncluded(selection, decisions)) return [];
      if (selection.kind === Kind.FIELD) return [selection];
      if (selection.kind === Kind.INLINE_FRAGMENT) return fieldsIn(selection.selectionSet);
      return fieldsIn(fragments.get(selection.name.value)?.selectionSet);
    });
  const responseName = (field: FieldNode) => (field.alias ?? field.name).value;
  return (known, rest) => {
    let fields = fieldsIn(definition.selectionSet);
    const enter = (isIt: (field: FieldNode) => boolean): FieldNode | undefined => {
      const [found, ...others] = fields.filter(isIt);
      fields = [found, ...others].flatMap((field) => fieldsIn(field?.selectionSet));
      return found;
    };
    for (const step of known) if (typeof step === "string") enter((field) => responseName(field) === step);
    const path = [...known];
    for (const step of rest) {
      if (typeof step === "number") {
        path.push(step);
        continue;
      }
      const field = enter((each) => keyInData(each, reserved) === step);
      if (!field) return { path, isWhole: false };
      path.push(responseName(field));
    }
    return { path, isWhole: true };
  };
}
