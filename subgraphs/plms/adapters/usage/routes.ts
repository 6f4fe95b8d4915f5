import { timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Clock } from "../../../../lib/clock.ts";
import { badInput, CodedError } from "../../../../lib/errors.ts";
import type { UsageSource } from "../../domain/usage-event.ts";
import type { ToldUsage, UsageCounts } from "../../operations/usage-ports.ts";
import type { ReadUsage } from "./facts.ts";
import { readCallbacks } from "./litellm.ts";
import { readTraces } from "./otlp.ts";

export interface UsageOptions {
  /** The tenant of each token. */
  tokens: ReadonlyMap<string, string>;
  clock: Clock;
  onUsage(told: ToldUsage): Promise<UsageCounts>;
  /** Told what became of a request. */
  count(
    source: UsageSource,
    outcome: { recorded: number; duplicate: number; refused: number; others: number },
  ): void;
}

/** A batch of spans with the messages that some instrumentations put into them. */
const BODY_LIMIT_BYTES = 4_194_304;
const unzip = promisify(gunzip);

/** What others tell of their model calls: OpenTelemetry at `/v1/traces`, LiteLLM at `/webhooks/usage/litellm`. */
export function serveUsage(app: FastifyInstance, options: UsageOptions): void {
  if (options.tokens.size === 0) return;
  void app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addHook("onRoute", (route) => void (route.bodyLimit = BODY_LIMIT_BYTES));
    scope.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
    scope.post("/v1/traces", async (request) => {
      const tenant = tenantOf(request, options.tokens);
      requireJson(request);
      const read = readTraces(parsed(await textOf(request)), options.clock.now().getTime());
      const counts = await take(options, { source: "otlp", tenant, ...read });
      return counts.refusals.length === 0 ? {} : { partialSuccess: rejected(counts) };
    });
    scope.post("/webhooks/usage/litellm", async (request) => {
      const tenant = tenantOf(request, options.tokens);
      const read = readCallbacks(await textOf(request), options.clock.now().getTime());
      const { recorded, duplicate, refusals } = await take(options, { source: "litellm", tenant, ...read });
      return { recorded, duplicate, refused: refusals.length, refusals: refusals.slice(0, MOST_TOLD) };
    });
  });
}

const MOST_TOLD = 20;

async function take(
  options: UsageOptions,
  { others, ...told }: ReadUsage & Pick<ToldUsage, "tenant" | "source">,
): Promise<UsageCounts> {
  const counts = await options.onUsage(told);
  const { recorded, duplicate, refusals } = counts;
  options.count(told.source, { recorded, duplicate, refused: refusals.length, others });
  return counts;
}

/** As OTLP has it: the rest was taken, and what is refused need not be sent again. */
const rejected = ({ refusals }: UsageCounts) => ({
  rejectedSpans: refusals.length,
  errorMessage: refusals
    .slice(0, MOST_TOLD)
    .map(({ eventId, reason, detail }) => `${eventId}: ${reason}: ${detail}`)
    .join("; "),
});

/** @throws CodedError UNAUTHENTICATED unless the request has one of the tokens */
function tenantOf({ headers }: FastifyRequest, tokens: ReadonlyMap<string, string>): string {
  const given = Buffer.from(/^Bearer\s+(.+)$/i.exec(headers.authorization ?? "")?.[1] ?? "");
  for (const [token, tenant] of tokens) {
    const known = Buffer.from(token);
    if (known.length === given.length && timingSafeEqual(known, given)) return tenant;
  }
  throw new CodedError("UNAUTHENTICATED", "Usage refused: `authorization: Bearer` needs one of USAGE_TOKENS");
}

function requireJson({ headers }: FastifyRequest): void {
  const type = headers["content-type"] ?? "";
  if (!type.startsWith("application/json"))
    throw badInput("content-type", type, "application/json: OTLP is read as JSON, not as protobuf");
}

async function textOf({ body, headers }: FastifyRequest): Promise<string> {
  const bytes = Buffer.isBuffer(body) ? body : Buffer.alloc(0);
  const encoding = headers["content-encoding"] ?? "identity";
  if (encoding === "identity") return bytes.toString("utf8");
  if (encoding !== "gzip") throw badInput("content-encoding", encoding, "gzip or none");
  const plain = await unzip(bytes, { maxOutputLength: BODY_LIMIT_BYTES }).catch(() => {
    throw badInput("body", `${bytes.length} bytes`, `gzip of at most ${BODY_LIMIT_BYTES} bytes`);
  });
  return plain.toString("utf8");
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw badInput("body", text, "JSON");
  }
}
