import { z } from "zod";

/** One environment variable: how to read it and how to talk about it. */
export interface Variable<T> {
  schema: z.ZodType<T>;
  /** What is allowed, completing "expected …". */
  allowed: string;
  description: string;
  /** The default as text, for the documentation; absent when there is none. */
  fallback?: string;
  /** Never shown in a message or a log. */
  secret?: boolean;
}

/** Variables by the name that the environment has for them. */
export type Variables = Record<string, Variable<unknown>>;

/** The typed values of a set of variables. */
export type Environment<V extends Variables> = {
  readonly [K in keyof V]: V[K] extends Variable<infer T> ? T : never;
};

type Common = { description: string; secret?: boolean };

/** An integer within bounds, inclusive. */
export function integer(spec: Common & { min: number; max: number; fallback: number }): Variable<number> {
  const inRange = z.coerce.number<string>().int().min(spec.min).max(spec.max);
  return {
    ...spec,
    schema: z.string().trim().min(1).pipe(inRange).optional().default(spec.fallback),
    allowed: `an integer from ${spec.min} to ${spec.max}`,
    fallback: String(spec.fallback),
  };
}

/** A number within bounds, inclusive. */
export function decimal(spec: Common & { min: number; max: number; fallback: number }): Variable<number> {
  const inRange = z.coerce.number<string>().min(spec.min).max(spec.max);
  return {
    ...spec,
    schema: z.string().trim().min(1).pipe(inRange).optional().default(spec.fallback),
    allowed: `a number from ${spec.min} to ${spec.max}`,
    fallback: String(spec.fallback),
  };
}

/** One of a few words. */
export function choice<const T extends string>(
  spec: Common & { of: readonly T[]; fallback: T },
): Variable<T> {
  return {
    ...spec,
    schema: z.enum(spec.of).default(spec.fallback),
    allowed: `one of ${spec.of.join(", ")}`,
    fallback: spec.fallback,
  };
}

/** `true` or `false`. */
export function flag(spec: Common & { fallback: boolean }): Variable<boolean> {
  return {
    ...spec,
    schema: z
      .enum(["true", "false", "1", "0"])
      .transform((text) => text === "true" || text === "1")
      .default(spec.fallback),
    allowed: "true or false",
    fallback: String(spec.fallback),
  };
}

/** Any text that is not empty. */
export function text(spec: Common & { fallback: string; min?: number }): Variable<string> {
  return {
    ...spec,
    schema: z
      .string()
      .min(spec.min ?? 1)
      .default(spec.fallback),
    allowed: textRule(spec.min),
    fallback: spec.fallback,
  };
}

/** Text that may be left out. */
export function optionalText(spec: Common & { min?: number }): Variable<string | undefined> {
  return {
    ...spec,
    schema: z
      .string()
      .min(spec.min ?? 1)
      .optional(),
    allowed: textRule(spec.min),
  };
}

/** Text that has to be given. */
export function requiredText(spec: Common & { min?: number }): Variable<string> {
  return { ...spec, schema: z.string().min(spec.min ?? 1), allowed: textRule(spec.min) };
}

/** A comma-separated list; empty text is an empty list. */
export function list(spec: Common & { fallback: string }): Variable<readonly string[]> {
  const items = (value: string) =>
    value
      .split(",")
      .map((item) => item.trim())
      .filter(Boolean);
  return {
    ...spec,
    schema: z.string().default(spec.fallback).transform(items),
    allowed: "a comma-separated list",
    fallback: spec.fallback,
  };
}

/** An absolute URL with one of the given schemes. */
export function url(spec: Common & { schemes: readonly string[]; fallback: string }): Variable<string> {
  return { ...spec, schema: urlOf(spec.schemes).default(spec.fallback), allowed: urlRule(spec.schemes) };
}

/** An absolute URL that has to be given. */
export function requiredUrl(spec: Common & { schemes: readonly string[] }): Variable<string> {
  return { ...spec, schema: urlOf(spec.schemes), allowed: urlRule(spec.schemes) };
}

/** An absolute URL that may be left out. */
export function optionalUrl(spec: Common & { schemes: readonly string[] }): Variable<string | undefined> {
  return { ...spec, schema: urlOf(spec.schemes).optional(), allowed: urlRule(spec.schemes) };
}

const textRule = (min = 1) => (min > 1 ? `at least ${min} characters` : "text that is not empty");
const urlRule = (schemes: readonly string[]) =>
  `a URL that starts with ${schemes.map((s) => `${s}://`).join(" or ")}`;
const urlOf = (schemes: readonly string[]) =>
  z.string().refine((value) => URL.canParse(value) && schemes.includes(new URL(value).protocol.slice(0, -1)));

/** All problems of an environment in one message, one line each. */
export class EnvironmentError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`The environment is not usable:\n${problems.map((problem) => `  - ${problem}`).join("\n")}`);
    this.name = "EnvironmentError";
    this.problems = problems;
  }
}

/** A rule over several variables: the problem as a sentence, or undefined. */
export type Rule<V extends Variables> = (env: Environment<V>) => string | undefined;

/**
 * Reads and freezes the variables; an empty string counts as absent.
 *
 * @throws EnvironmentError naming every bad variable with its value and what is allowed
 */
export function readEnvironment<V extends Variables>(
  variables: V,
  source: Readonly<Record<string, string | undefined>>,
  rules: readonly Rule<V>[] = [],
): Environment<V> {
  const values: Record<string, unknown> = {};
  const problems: string[] = [];
  for (const [name, variable] of Object.entries(variables)) {
    const raw = source[name] === "" ? undefined : source[name];
    const result = variable.schema.safeParse(raw);
    if (result.success) values[name] = result.data;
    else problems.push(describeProblem(name, variable, raw));
  }
  const env = Object.freeze(values) as Environment<V>;
  if (problems.length === 0) {
    for (const rule of rules) {
      const problem = rule(env);
      if (problem !== undefined) problems.push(problem);
    }
  }
  if (problems.length > 0) throw new EnvironmentError(problems);
  return env;
}

function describeProblem(name: string, variable: Variable<unknown>, raw: string | undefined): string {
  if (raw === undefined) return `${name} is missing; expected ${variable.allowed}`;
  const shown = variable.secret ? "the value given (hidden)" : JSON.stringify(raw);
  return `${name}: ${shown} is not allowed; expected ${variable.allowed}`;
}
