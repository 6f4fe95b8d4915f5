import { useMutation, type AnyVariables, type TypedDocumentNode } from "urql";
import { useToast } from "../ui/toast.tsx";
import { problemOf, sentenceOf } from "./problem.ts";

interface ActionOptions<T> {
  /** The member of the answer's union that says it was done; undefined where the answer is no union. */
  success?: string;
  /** What to tell people once it was done. */
  done: string | ((answer: T[keyof T]) => string);
  /** What follows once it was done. */
  follow?: (answer: T[keyof T]) => void;
}

interface Action<T, V> {
  /** @returns what went wrong, for people; undefined when it was done */
  act: (variables: V) => Promise<string | undefined>;
  isActing: boolean;
  /** The last answer. */
  data: T | undefined;
}

/** The one road of everything that people do: it is carried out, and a toast says that it was done, or why not. */
export function useAction<T extends object, V extends AnyVariables>(
  document: TypedDocumentNode<T, V>,
  { success, done, follow }: ActionOptions<T>,
): Action<T, V> {
  const [{ fetching, data: last }, execute] = useMutation<T, V>(document);
  const tell = useToast();
  const act = async (variables: V) => {
    const { data, error } = await execute(variables);
    const [answer] = Object.values(data ?? {}) as T[keyof T][];
    const problem =
      success === undefined
        ? error && sentenceOf(error)
        : problemOf(error, answer as Answered | undefined, success);
    if (problem !== undefined) tell(problem, { hasFailed: true });
    else if (answer !== undefined) {
      tell(typeof done === "string" ? done : done(answer));
      follow?.(answer);
    }
    return problem;
  };
  return { act, isActing: fetching, data: last };
}

interface Answered {
  __typename: string;
  message?: string;
}
