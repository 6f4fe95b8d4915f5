/** A value as it is inside, in the database and in REST: `"PLANNED"` becomes `"planned"`. */
export const inside = <T extends string>(value: T): Lowercase<T> => value.toLowerCase() as Lowercase<T>;

/** A value as it is in GraphQL: `"planned"` becomes `"PLANNED"`. */
export const outside = <T extends string>(value: T): Uppercase<T> => value.toUpperCase() as Uppercase<T>;

/**
 * Resolvers of an enum whose values are lower case inside and upper case in GraphQL.
 *
 * @example { BreachPolicy: mappedEnum(["PAUSE", "ASK", "KILL"]) }
 */
export const mappedEnum = <const T extends string>(names: readonly T[]): { [Name in T]: Lowercase<Name> } =>
  Object.fromEntries(names.map((name) => [name, inside(name)])) as { [Name in T]: Lowercase<Name> };

/**
 * The same, of a list that the domain has.
 *
 * @example { RunStatus: enumOf(RUN_STATUSES) } // RUN_STATUSES = ["executing", …] as const
 */
export const enumOf = <const T extends string>(
  values: readonly T[],
): { [Value in T as Uppercase<Value>]: Value } =>
  Object.fromEntries(values.map((value) => [outside(value), value])) as {
    [Value in T as Uppercase<Value>]: Value;
  };
