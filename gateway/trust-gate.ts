import type { FastifyInstance, FastifyRequest } from "fastify";
import { isCodedError } from "../lib/errors.ts";
import type { Log } from "../lib/log.ts";
import type { DocumentTrust } from "./limits/document-trust.ts";
import { sendRefusal } from "./send-refusal.ts";

export interface TrustGateOptions {
  path: string;
  trust: DocumentTrust;
  log: Log;
}

/**
 * Puts a document's text in the place of its id, and refuses what is not trusted, before anybody reads the request:
 * those who come later see an ordinary one, whatever its method and whatever it accepts.
 */
export function openTrustGate(app: FastifyInstance, { path, trust, log }: TrustGateOptions): void {
  app.addHook("preValidation", async (request, reply) => {
    if (request.url.split("?")[0] !== path) return undefined;
    const parameters = parametersOf(request);
    const text = parameters && trust.textOf({ ...parameters, extensions: extensionsOf(parameters) });
    if (isCodedError(text)) return sendRefusal(reply, text, log);
    if (parameters && text !== undefined && text !== parameters["query"]) {
      delete parameters["documentId"];
      parameters["query"] = text;
      if (request.method === "GET") rewriteUrl(request, text);
    }
    return undefined;
  });
}

function parametersOf({ method, query, body }: FastifyRequest): Record<string, unknown> | undefined {
  const parameters = method === "GET" ? query : method === "POST" ? body : undefined;
  const isObject = typeof parameters === "object" && parameters !== null && !Array.isArray(parameters);
  return isObject ? (parameters as Record<string, unknown>) : undefined;
}

/** In a URL they are text; what cannot be read is for others to complain about. */
function extensionsOf({ extensions }: Record<string, unknown>): unknown {
  if (typeof extensions !== "string") return extensions;
  try {
    return JSON.parse(extensions);
  } catch {
    return undefined;
  }
}

/** Apollo Server reads the URL itself. */
function rewriteUrl({ raw }: FastifyRequest, text: string): void {
  const url = new URL(raw.url ?? "/", "http://gateway");
  url.searchParams.delete("documentId");
  url.searchParams.set("query", text);
  raw.url = `${url.pathname}${url.search}`;
}
