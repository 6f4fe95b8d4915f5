import { defaultFieldResolver, type GraphQLFieldResolver, type GraphQLSchema } from "graphql";
import { isCodedError, messageOf } from "../../lib/errors.ts";
import type { Caller } from "../../lib/graphql-endpoint.ts";

/** A mutation that was attempted, and what came of it. */
export interface AuditedAttempt {
  caller: Caller;
  /** The mutation, as in the schema. */
  action: string;
  /** What was asked; cut short when it is long. */
  payload: Readonly<Record<string, unknown>>;
  entityId: string | null;
  /** The code of the refusal or failure; null when it succeeded. */
  code: string | null;
}

/** Writes an attempt down; must not fail, as what was done is done. */
export type RecordAttempt = (attempt: AuditedAttempt) => Promise<void>;

const LONGEST_PAYLOAD = 8_192;
/** Where inputs and results name what they are about, best first. */
const ID_NAMES = ["runId", "taskId", "overrideId", "id", "projectId", "modelId", "name"] as const;
const RESULT_NAMES = ["run", "project", "workOrder", "override"] as const;

/**
 * Does something and writes down that it was attempted, before the caller hears of it.
 *
 * @throws whatever `work` throws
 */
export async function audited<T>(
  record: RecordAttempt,
  { caller, action, args }: { caller: Caller; action: string; args: object },
  work: () => Promise<T> | T,
): Promise<T> {
  const attempt = { caller, action, payload: bounded(args) };
  try {
    const result = await work();
    await record({ ...attempt, entityId: entityOf(args, result), code: codeOf(result) });
    return result;
  } catch (error) {
    const code = isCodedError(error) ? error.code : "INTERNAL";
    const payload = { ...attempt.payload, message: isCodedError(error) ? messageOf(error) : "unexpected" };
    await record({ ...attempt, payload, entityId: entityOf(args, undefined), code });
    throw error;
  }
}

/** Mutation resolvers that leave a trace of every attempt. */
export function auditMutations<M extends object>(mutations: M, record: RecordAttempt): M {
  type Call = [parent: unknown, args: object, context: { caller: Caller }, info: unknown];
  type Resolve = (...call: Call) => unknown;
  const wrapped = Object.entries(mutations as Record<string, Resolve>).map(([action, resolve]) => {
    const audit: Resolve = (...call) =>
      audited(record, { caller: call[2].caller, action, args: call[1] }, () => resolve(...call));
    return [action, audit] as const;
  });
  return Object.fromEntries(wrapped) as M;
}

/** A mutation whose caller lacked the scope for it; its arguments are not kept. */
export type RefusedAttempt = AuditedAttempt & { code: string; payload: { message: string } };

/** Writes a refusal down; must not fail. */
export type RecordRefusal = (refused: RefusedAttempt) => Promise<void>;

/**
 * Tells of everybody who lacks the scope of a mutation: the guard in front of a resolver refuses before that can tell
 * itself. `schema` has its guards by now.
 */
export function auditRefusals(schema: GraphQLSchema, record: RecordRefusal): GraphQLSchema {
  for (const field of Object.values(schema.getMutationType()?.getFields() ?? {})) {
    const guarded = field.resolve ?? defaultFieldResolver;
    field.resolve = (...call: Parameters<GraphQLFieldResolver<unknown, { caller: Caller }>>): unknown => {
      try {
        return guarded(...call);
      } catch (error) {
        const [, args, { caller }] = call;
        const refused = refusedAttempt({ caller, action: field.name, args }, error);
        if (refused) void record(refused);
        throw error;
      }
    };
  }
  return schema;
}

/** What to write down of a call that `error` has refused for want of a scope or a token; undefined for other errors. */
export function refusedAttempt(
  { caller, action, args }: { caller: Caller; action: string; args: object },
  error: unknown,
): RefusedAttempt | undefined {
  if (!isCodedError(error) || (error.code !== "FORBIDDEN" && error.code !== "UNAUTHENTICATED"))
    return undefined;
  const payload = { message: error.message };
  return { caller, action, payload, entityId: entityOf(args, undefined), code: error.code };
}

/** Refusals that people are told of as results carry a code; of several results the first refusal counts. */
function codeOf(result: unknown): string | null {
  if (Array.isArray(result)) return result.map(codeOf).find((code) => code !== null) ?? null;
  const { code } = (result ?? {}) as { code?: unknown };
  return typeof code === "string" ? code : null;
}

function entityOf(args: object, result: unknown): string | null {
  const { input } = args as { input?: unknown };
  const results = (result ?? {}) as Record<string, unknown>;
  for (const place of [args, input, ...RESULT_NAMES.map((name) => results[name])]) {
    for (const name of ID_NAMES) {
      const value = ((place ?? {}) as Record<string, unknown>)[name];
      if (typeof value === "string" && (name !== "name" || place === args)) return value;
    }
  }
  return null;
}

function bounded(args: object): Readonly<Record<string, unknown>> {
  const text = JSON.stringify(args);
  if (text.length <= LONGEST_PAYLOAD) return JSON.parse(text) as Record<string, unknown>;
  return { excerpt: text.slice(0, LONGEST_PAYLOAD), characters: text.length };
}
