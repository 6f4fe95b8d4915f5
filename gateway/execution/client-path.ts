import {
  getNamedType,
  isAbstractType,
  isObjectType,
  type GraphQLObjectType,
  type GraphQLSchema,
  type SelectionSetNode,
} from "graphql";
import type { DecidedOperation } from "./decided.ts";
import type { Path } from "./payload.ts";
import { fieldsOf, type SelectedField } from "./selections.ts";

/** A place in the answer as the client knows it. */
interface ClientPlace {
  path: Path;
  /** Whether it goes all the way; what the client did not select has no place of its own. */
  isWhole: boolean;
}

/**
 * The client's path of a place: `known` is a path in the answer already, `rest` goes on from there under the names of the
 * data. It ends before the first field that the client did not select, like a key, or selected of some types only: which
 * of them stands there cannot be known when it is null.
 *
 * @example locate(["films", 1], ["code"]) // { path: ["films", 1], isWhole: false }
 */
export type Locate = (known: Path, rest: Path) => ClientPlace;

/** What an object may be, and what is selected of it. */
interface Candidate {
  type: GraphQLObjectType;
  sets: readonly SelectionSetNode[];
}

export function createLocate(schema: GraphQLSchema, operation: DecidedOperation): Locate {
  const { definition } = operation;
  const root = schema.getRootType(definition.operation);
  const objectsOf = ({ type, sets }: SelectedField): Candidate[] => {
    const named = getNamedType(type);
    if (isAbstractType(named)) return schema.getPossibleTypes(named).map((each) => ({ type: each, sets }));
    return isObjectType(named) ? [{ type: named, sets }] : [];
  };
  const fieldsIn = ({ type, sets }: Candidate, isIt: (field: SelectedField) => boolean) =>
    fieldsOf(type, sets, { schema, operation }).find(isIt);
  return (known, rest) => {
    let candidates: Candidate[] = root ? [{ type: root, sets: [definition.selectionSet] }] : [];
    for (const step of known)
      if (typeof step === "string")
        candidates = candidates.flatMap((each) => {
          const field = fieldsIn(each, ({ key }) => key === step);
          return field ? objectsOf(field) : [];
        });
    const path = [...known];
    for (const step of rest) {
      if (typeof step === "number") {
        path.push(step);
        continue;
      }
      const found = candidates.map((each) => fieldsIn(each, ({ dataKey }) => dataKey === step));
      const [first] = found;
      if (!first || !found.every((each) => each?.key === first.key)) return { path, isWhole: false };
      path.push(first.key);
      candidates = found.flatMap((each) => (each ? objectsOf(each) : []));
    }
    return { path, isWhole: true };
  };
}
