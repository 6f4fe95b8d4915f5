import { readFileSync } from "node:fs";
import { decodeJwt, SignJWT } from "jose";
import { z } from "zod";
import { signToken } from "../../../lib/jwt.ts";
import type { Identity } from "../../../lib/identity.ts";
import { identity, JWT } from "../support.ts";

export const EVERY_SCOPE = ["projects.view", "projects.start", "projects.simulate"];

/** A signed token of somebody. */
export const tokenOf = (changes: Partial<Identity> = {}, ttlSeconds = 600): Promise<string> => {
  const { expiresAtSeconds: _expiry, tokenId: _id, ...claims } = identity(changes);
  return signToken(JWT, claims, ttlSeconds);
};

/** A token that is signed as it should be, and does not say from when it holds. */
export async function tokenWithoutStart(): Promise<string> {
  const { nbf: _start, ...claims } = decodeJwt(await tokenOf());
  return new SignJWT(claims).setProtectedHeader({ alg: "HS256" }).sign(new TextEncoder().encode(JWT.secret));
}

export interface RestAnswer {
  status: number;
  headers: Headers;
  body: Record<string, unknown>;
}

/** A caller of the façade who reads each answer as the OpenAPI document promises it. */
export function restClient(url: string, token?: string) {
  const call = async (
    method: string,
    path: string,
    init: { headers?: Record<string, string>; body?: string },
  ): Promise<RestAnswer> => {
    const headers = { ...(token && { authorization: `Bearer ${token}` }), ...init.headers };
    const response = await fetch(`${url}${path}`, { ...init, method, headers });
    const body = (await response.json()) as Record<string, unknown>;
    promised(method, path, { response, body });
    return { status: response.status, headers: response.headers, body };
  };
  return {
    get: (path: string, _body?: undefined, headers: Record<string, string> = {}) =>
      call("GET", path, { headers }),
    post: (path: string, body?: unknown, headers: Record<string, string> = {}) =>
      call("POST", path, {
        headers: { ...(body !== undefined && { "content-type": "application/json" }), ...headers },
        ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
      }),
  };
}

interface Operation {
  responses: Record<string, { content: Record<string, { schema: object; example?: unknown }> }>;
}

interface OpenApi {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: object };
}

export const openApi = JSON.parse(
  readFileSync(new URL("../../../schema/plms.openapi.json", import.meta.url), "utf8"),
) as OpenApi;

/** @throws Error when the document does not promise this status, or another body */
function promised(
  method: string,
  path: string,
  { response, body }: { response: Response; body: unknown },
): void {
  const pathname = path.split("?", 1)[0] ?? "";
  const template = Object.keys(openApi.paths).find((known) =>
    new RegExp(`^${known.replaceAll(/\{\w+\}/g, "[^/]+")}$`).test(pathname),
  );
  if (template === undefined) return;
  const operation = openApi.paths[template]?.[method.toLowerCase()];
  const answer = operation?.responses[String(response.status)];
  if (!answer) throw new Error(`${method} ${template} answered ${response.status}, which is not documented`);
  const contentType = (response.headers.get("content-type") ?? "").split(";", 1)[0] ?? "";
  const documented = answer.content[contentType]?.schema;
  if (!documented) throw new Error(`${method} ${template} answered ${contentType}, which is not documented`);
  schemaOf(documented).parse(body);
}

/** A schema of the document, with what it refers to. */
export function schemaOf(documented: object): z.ZodType {
  const $defs = openApi.components.schemas;
  const text = JSON.stringify({ ...documented, $defs }).replaceAll("#/components/schemas/", "#/$defs/");
  return z.fromJSONSchema(JSON.parse(text));
}
