import { badInput } from "../../../../lib/errors.ts";
import {
  addCall,
  fitting,
  isRecord,
  placeIn,
  recordsIn,
  textIn,
  timesOf,
  tokensIn,
  usdIn,
  type Facts,
  type ReadUsage,
} from "./facts.ts";

/** Tokens by the names of the GenAI conventions, of OpenLLMetry and of OpenInference, the newest name first. */
const INPUT = [
  "gen_ai.usage.input_tokens",
  "gen_ai.usage.prompt_tokens",
  "llm.token_count.prompt",
  "llm.usage.prompt_tokens",
];
const OUTPUT = [
  "gen_ai.usage.output_tokens",
  "gen_ai.usage.completion_tokens",
  "llm.token_count.completion",
  "llm.usage.completion_tokens",
];
const CACHE_READ = [
  "gen_ai.usage.cache_read.input_tokens",
  "gen_ai.usage.cache_read_input_tokens",
  "llm.token_count.prompt_details.cache_read",
];
const CACHE_WRITE = [
  "gen_ai.usage.cache_creation.input_tokens",
  "gen_ai.usage.cache_creation_input_tokens",
  "llm.token_count.prompt_details.cache_write",
];
const REASONING = [
  "gen_ai.usage.reasoning.output_tokens",
  "gen_ai.usage.reasoning_tokens",
  "llm.token_count.completion_details.reasoning",
];
const MODEL = ["gen_ai.response.model", "gen_ai.request.model", "llm.response.model_name", "llm.model_name"];
const PROVIDER = ["gen_ai.provider.name", "gen_ai.system", "llm.provider", "llm.system"];
const COST = ["plms.cost.usd", "gen_ai.usage.cost", "llm.cost.total"];

/** Instrumentations that tell the input as Anthropic does, without what its cache had. */
const CACHE_BESIDE = new Set<unknown>(["@traceloop/instrumentation-anthropic"]);

/** Spans around calls repeat what the calls inside them used. */
const AROUND_CALLS = new Set(["invoke_agent", "create_agent", "invoke_workflow", "execute_tool"]);
const CALL_KINDS = new Set(["LLM", "EMBEDDING", "RERANKER"]);
/** OpenLLMetry copies what users associate with a trace under this prefix. */
const ASSOCIATED = "traceloop.association.properties.";
const FAILED = 2;

/**
 * The model calls of an OTLP/HTTP request in JSON. Attributes of the resource count for all its spans.
 *
 * @throws CodedError BAD_USER_INPUT when the body is no trace request
 */
export function readTraces(body: unknown, nowMs: number): ReadUsage {
  if (!isRecord(body) || !Array.isArray(body["resourceSpans"]))
    throw badInput(
      "resourceSpans",
      isRecord(body) ? body["resourceSpans"] : body,
      "a list, as OTLP/HTTP has it in JSON",
    );
  const read: ReadUsage = { events: [], unreadable: [], others: 0 };
  for (const ofResource of recordsIn(body["resourceSpans"])) {
    const resource = isRecord(ofResource["resource"])
      ? attributesOf(ofResource["resource"]["attributes"])
      : [];
    for (const ofScope of recordsIn(ofResource["scopeSpans"])) {
      const isCacheBeside = isRecord(ofScope["scope"]) && CACHE_BESIDE.has(ofScope["scope"]["name"]);
      for (const span of recordsIn(ofScope["spans"])) {
        const facts = withAssociated(new Map([...resource, ...attributesOf(span["attributes"])]));
        if (!isCall(facts)) read.others += 1;
        else addSpan(read, span, { facts, isCacheBeside, nowMs });
      }
    }
  }
  return read;
}

function addSpan(
  read: ReadUsage,
  span: Record<string, unknown>,
  { facts, isCacheBeside, nowMs }: { facts: Facts; isCacheBeside: boolean; nowMs: number },
): void {
  const id = `${idOf(span["traceId"])}:${idOf(span["spanId"])}`;
  addCall(read, id, () => ({
    id,
    ...placeIn(facts),
    provider: textIn(facts, ...PROVIDER) ?? "unknown",
    usage: fitting(
      {
        model: textIn(facts, ...MODEL),
        inputTokens: tokensIn(facts, ...INPUT) ?? 0,
        outputTokens: tokensIn(facts, ...OUTPUT) ?? 0,
        cacheReadTokens: tokensIn(facts, ...CACHE_READ),
        cacheWriteTokens: tokensIn(facts, ...CACHE_WRITE),
        reasoningTokens: tokensIn(facts, ...REASONING),
      },
      { isCacheBeside },
    ),
    costUsd: usdIn(facts, ...COST),
    ...timesOf(msOf(span["startTimeUnixNano"]), msOf(span["endTimeUnixNano"]), nowMs),
    hasFailed: isRecord(span["status"]) && Number(span["status"]["code"]) === FAILED,
  }));
}

function isCall(facts: Facts): boolean {
  if ([...INPUT, ...OUTPUT].every((name) => facts.get(name) === undefined)) return false;
  if (AROUND_CALLS.has(String(facts.get("gen_ai.operation.name")))) return false;
  const kind = facts.get("openinference.span.kind");
  if (kind !== undefined && !(typeof kind === "string" && CALL_KINDS.has(kind))) return false;
  return facts.get("traceloop.span.kind") === undefined;
}

const idOf = (value: unknown): string => (typeof value === "string" ? value.slice(0, 64) : "");

/** Nanoseconds since 1970 as text, or as a number, in milliseconds. */
const msOf = (nanos: unknown): number => Number(typeof nanos === "string" ? nanos : (nanos ?? NaN)) / 1e6;

function attributesOf(list: unknown): [string, unknown][] {
  return recordsIn(list).map(({ key, value }) => [String(key), isRecord(value) ? plain(value) : undefined]);
}

function plain(value: Record<string, unknown>): unknown {
  return value["stringValue"] ?? value["intValue"] ?? value["doubleValue"] ?? value["boolValue"];
}

/** Our names may also come in OpenInference's `metadata`, and as OpenLLMetry's association properties. */
function withAssociated(facts: Map<string, unknown>): Facts {
  for (const [name, value] of [...Object.entries(metadataIn(facts)), ...associatedIn(facts)])
    if (name.startsWith("plms.") && !facts.has(name)) facts.set(name, value);
  return facts;
}

const associatedIn = (facts: Facts): [string, unknown][] =>
  [...facts].flatMap(([name, value]): [string, unknown][] =>
    name.startsWith(ASSOCIATED) ? [[name.slice(ASSOCIATED.length), value]] : [],
  );

function metadataIn(facts: Facts): Record<string, unknown> {
  const text = facts.get("metadata");
  if (typeof text !== "string") return {};
  try {
    const metadata: unknown = JSON.parse(text);
    return isRecord(metadata) ? metadata : {};
  } catch {
    return {};
  }
}
