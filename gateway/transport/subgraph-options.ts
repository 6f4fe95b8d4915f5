import { readFileSync } from "node:fs";
import { z } from "zod";
import { messageOf } from "../../lib/errors.ts";
import { isForeignCode, isForeignExtension, type ErrorPass } from "../errors/errors.ts";
import { headerRuleSchema, type HeaderRule } from "./header-rules.ts";
import { STREAM_PROTOCOLS } from "./streams/stream-protocol.ts";

const streamsSchema = z.strictObject({
  /** `auto` tries WebSocket, then the older subprotocol, then HTTP, until the subgraph takes one. */
  protocol: z.enum(["auto", ...STREAM_PROTOCOLS]).default("auto"),
  /** Where it streams, when that is not where it answers queries. */
  url: z.url({ protocol: /^(https?|wss?)$/ }).optional(),
  /** Added to the payload of `connection_init`; `{"header": name}` stands for a header that a rule makes. */
  connectionInit: z.record(z.string(), z.unknown()).default({}),
});

export type StreamOptions = z.infer<typeof streamsSchema>;

const foreignCode = z
  .string()
  .regex(/^\w{1,64}$/, "expected a code of letters, digits and underscores")
  .refine(isForeignCode, { message: "the gateway has this code itself; expected one of the subgraph's own" });
const foreignExtension = z
  .string()
  .regex(/^(?!__)[\w-]{1,64}$/, "expected the name of an extension")
  .refine(isForeignExtension, {
    message: "the gateway says this itself; expected an extension of the subgraph's own",
  });
const errorsSchema = z.strictObject({
  codes: z.array(foreignCode).max(1_000).default([]),
  extensions: z.array(foreignExtension).max(100).default([]),
});

const headers = z.array(headerRuleSchema).max(100).default([]);
const errors = errorsSchema.default({ codes: [], extensions: [] });
const fileSchema = z.strictObject({
  all: z.strictObject({ headers }).default({ headers: [] }),
  subgraphs: z
    .record(z.string(), z.strictObject({ headers, errors, streams: streamsSchema.optional() }))
    .default({}),
});

/** What the configuration says of subgraphs beyond their addresses. */
export interface SubgraphOptions {
  /** Names that it mentions. */
  names: readonly string[];
  /** Rules for a subgraph: those for all, then its own. */
  headersOf: (name: string) => readonly HeaderRule[];
  /** All rules of all subgraphs. */
  headers: readonly HeaderRule[];
  streamsOf: (name: string) => StreamOptions;
  /** What is let through of a subgraph's errors. */
  errorsOf: (name: string) => ErrorPass;
}

const NO_ERRORS: ErrorPass = errorsSchema.parse({});
const LIMIT_BYTES = 1_048_576;

/**
 * Reads the file with the options of subgraphs; without one, nothing is different from the defaults. `${NAME}` in a
 * text stands for an environment variable, so that secrets need not be in the file.
 *
 * @throws Error naming the place in the file, what is there and what is allowed
 */
export function readSubgraphOptions(
  file: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): SubgraphOptions {
  const { all, subgraphs } = file === undefined ? fileSchema.parse({}) : parseFile(file, env);
  const headersOf = (name: string) => [...all.headers, ...(subgraphs[name]?.headers ?? [])];
  return {
    names: Object.keys(subgraphs),
    headersOf,
    headers: [...all.headers, ...Object.values(subgraphs).flatMap((subgraph) => subgraph.headers)],
    streamsOf: (name) => subgraphs[name]?.streams ?? streamsSchema.parse({}),
    errorsOf: (name) => subgraphs[name]?.errors ?? NO_ERRORS,
  };
}

function parseFile(file: string, env: Readonly<Record<string, string | undefined>>) {
  const fail = (problem: string): never => {
    throw new Error(`SUBGRAPHS_FILE: ${file}: ${problem}`);
  };
  let raw: unknown;
  try {
    const text = readFileSync(file, "utf8");
    if (Buffer.byteLength(text) > LIMIT_BYTES) fail(`is larger than ${LIMIT_BYTES} bytes`);
    raw = filledIn(JSON.parse(text), env);
  } catch (cause) {
    return fail(messageOf(cause));
  }
  const parsed = fileSchema.safeParse(raw);
  return parsed.success ? parsed.data : fail(z.prettifyError(parsed.error));
}

/** @throws Error for a variable that is not set */
function filledIn(value: unknown, env: Readonly<Record<string, string | undefined>>): unknown {
  if (Array.isArray(value)) return value.map((item) => filledIn(item, env));
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, filledIn(inner, env)]));
  if (typeof value !== "string") return value;
  return value.replaceAll(/\$\{(\w+)\}/g, (_whole, name: string) => {
    const found = env[name];
    if (found === undefined) throw new Error(`\${${name}} is used, but the environment has no ${name}`);
    return found;
  });
}
