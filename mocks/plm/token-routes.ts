import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { sendProblem } from "../../lib/http-problems.ts";
import type { ActiveFaults } from "../fault-hooks.ts";
import type { Tokens } from "./tokens.ts";

export interface ClientCredentials {
  clientId: string;
  clientSecret: string;
}

interface TokenRouteParts {
  tokens: Tokens;
  client: ClientCredentials;
  ttlSeconds: number;
  active: ActiveFaults;
}

/** `POST /oauth/token` (RFC 6749 §4.4, form body or Basic) and the control endpoint `POST /_revoke`. */
export function addTokenRoutes(app: FastifyInstance, parts: TokenRouteParts): void {
  const { tokens, client, ttlSeconds, active } = parts;
  app.addContentTypeParser<string>(
    "application/x-www-form-urlencoded",
    { parseAs: "string" },
    async (_request: FastifyRequest, body: string) => Object.fromEntries(new URLSearchParams(body)),
  );
  app.post("/oauth/token", async (request, reply) => {
    reply.header("cache-control", "no-store");
    const form = (request.body ?? {}) as Record<string, unknown>;
    if (form["grant_type"] !== "client_credentials") {
      return oauthError(reply.code(400), "unsupported_grant_type", "grant_type has to be client_credentials");
    }
    const given = basicCredentials(request) ?? {
      clientId: form["client_id"],
      clientSecret: form["client_secret"],
    };
    if (given.clientId !== client.clientId || given.clientSecret !== client.clientSecret) {
      reply.code(401).header("www-authenticate", 'Basic realm="plm"');
      return oauthError(reply, "invalid_client", "The client id or its secret is wrong");
    }
    return active.spoiled(request, {
      access_token: tokens.issue(),
      token_type: "Bearer",
      expires_in: ttlSeconds,
      scope: "catalog.read usage.write",
    });
  });
  app.post("/_revoke", async () => ({ revoked: tokens.revokeAll() }));
}

/** Lets only holders of a good token reach the routes of `app`. */
export function requireToken(app: FastifyInstance, tokens: Tokens): void {
  app.addHook("onRequest", async (request, reply) => {
    const token = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? "")?.[1];
    if (token !== undefined && tokens.isGood(token)) return undefined;
    const detail =
      token === undefined ? "A bearer token is necessary" : "The token is unknown, expired or revoked";
    const parameters = token === undefined ? "" : `, error="invalid_token", error_description="${detail}"`;
    reply.header("www-authenticate", `Bearer realm="plm"${parameters}`);
    return sendProblem(reply, { status: 401, code: "UNAUTHENTICATED", detail });
  });
}

const oauthError = (reply: FastifyReply, error: string, description: string): FastifyReply =>
  reply.send({ error, error_description: description });

function basicCredentials(request: FastifyRequest): ClientCredentials | undefined {
  const encoded = /^Basic (\S+)$/i.exec(request.headers.authorization ?? "")?.[1];
  if (encoded === undefined) return undefined;
  const [clientId = "", ...secret] = Buffer.from(encoded, "base64").toString().split(":");
  return { clientId: formDecode(clientId), clientSecret: formDecode(secret.join(":")) };
}

/** RFC 6749 §2.3.1: both halves are form-encoded before they are joined; a stray % is left alone. */
function formDecode(encoded: string): string {
  try {
    return decodeURIComponent(encoded.replaceAll("+", " "));
  } catch {
    return encoded;
  }
}
