export type VariableValues = Readonly<Record<string, unknown>>;

/** A number that is known, or one that waits for variables. */
export type Term = number | ((variables: VariableValues) => number);

export const valueOf = (term: Term, variables: VariableValues): number =>
  typeof term === "number" ? term : term(variables);

export function add(a: Term, b: Term): Term {
  if (typeof a === "number" && typeof b === "number") return a + b;
  return a === 0 ? b : b === 0 ? a : (variables) => valueOf(a, variables) + valueOf(b, variables);
}

export function multiply(a: Term, b: Term): Term {
  if (typeof a === "number" && typeof b === "number") return a * b;
  return a === 1 ? b : b === 1 ? a : (variables) => valueOf(a, variables) * valueOf(b, variables);
}

export const sum = (terms: readonly Term[]): Term => terms.reduce(add, 0);
