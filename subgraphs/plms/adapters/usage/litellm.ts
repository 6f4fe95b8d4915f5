import { badInput } from "../../../../lib/errors.ts";
import {
  addCall,
  fitting,
  isRecord,
  placeIn,
  textIn,
  timesOf,
  tokensIn,
  usdIn,
  type Facts,
  type ReadUsage,
} from "./facts.ts";

/**
 * The calls that LiteLLM's generic API callback posts: its standard payload, one, a list of them, or one a line.
 *
 * @throws CodedError BAD_USER_INPUT when the body is none of these
 */
export function readCallbacks(text: string, nowMs: number): ReadUsage {
  const read: ReadUsage = { events: [], unreadable: [], others: 0 };
  for (const payload of payloadsIn(text)) {
    const id = typeof payload["id"] === "string" ? payload["id"].slice(0, 200) : "";
    if (id === "") {
      read.unreadable.push({ eventId: `at ${nowMs}`, reason: "invalid", detail: "id: expected text" });
      continue;
    }
    addCall(read, id, () => {
      const facts = new Map(Object.entries(payload));
      const used = usedIn(payload);
      return {
        id,
        ...placeIn(placesIn(payload)),
        provider: textIn(facts, "custom_llm_provider") ?? "litellm",
        usage: fitting({
          model: textIn(facts, "model"),
          inputTokens: tokensIn(facts, "prompt_tokens") ?? 0,
          outputTokens: tokensIn(facts, "completion_tokens") ?? 0,
          cacheReadTokens: tokensIn(used, "cache_read_input_tokens", "cached_tokens"),
          cacheWriteTokens: tokensIn(used, "cache_creation_input_tokens"),
          reasoningTokens: tokensIn(used, "reasoning_tokens"),
        }),
        costUsd: usdIn(facts, "response_cost"),
        ...timesOf(Number(payload["startTime"]) * 1000, Number(payload["endTime"]) * 1000, nowMs),
        hasFailed: payload["status"] === "failure",
      };
    });
  }
  return read;
}

function payloadsIn(text: string): Record<string, unknown>[] {
  const all =
    jsonIn(text) ??
    text
      .split("\n")
      .filter((line) => line.trim() !== "")
      .map(jsonIn);
  const payloads = Array.isArray(all) ? all : [all];
  if (!payloads.every(isRecord)) throw badInput("body", text, "payloads of LiteLLM, as a list or one a line");
  return payloads;
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What the caller of the proxy or of the library said, and tags like `plms.project.id:12`. */
function placesIn({ metadata, request_tags: tags }: Record<string, unknown>): Facts {
  const places = new Map<string, unknown>();
  for (const tag of Array.isArray(tags) ? tags : []) {
    const [, name, value] = /^(plms\.[a-z.]+)[:=](.+)$/s.exec(String(tag)) ?? [];
    if (name !== undefined) places.set(name, value);
  }
  if (!isRecord(metadata)) return places;
  for (const given of [metadata, metadata["spend_logs_metadata"], metadata["requester_metadata"]])
    for (const [name, value] of isRecord(given) ? Object.entries(given) : [])
      if (name.startsWith("plms.")) places.set(name, value);
  return places;
}

/** Tokens by kind, from the usage of the answer. */
function usedIn({ metadata, response }: Record<string, unknown>): Facts {
  const told = isRecord(metadata) ? metadata["usage_object"] : undefined;
  const answered = isRecord(response) ? response["usage"] : undefined;
  const usage = isRecord(told) ? told : isRecord(answered) ? answered : {};
  const parts = [usage, usage["prompt_tokens_details"], usage["completion_tokens_details"]];
  return new Map(parts.flatMap((part) => (isRecord(part) ? Object.entries(part) : [])));
}
