import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { extname } from "node:path";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { sendProblem } from "../../lib/http-problems.ts";

const DIST = new URL("../../dashboard/dist/", import.meta.url);
const ROUTES = [
  "/",
  "/projects",
  "/projects/:id",
  "/portfolio",
  "/models",
  "/models/:id",
  "/parts",
  "/work-orders",
  "/differences",
  "/plm-alerts",
  "/admin/plm-health",
  "/gateway",
];
/** What is under these, or is one of them, is for programs: whoever asks for it wrongly is told so in JSON. */
const FOR_PROGRAMS = /^\/(?:graphql|api|assets|metrics|livez|readyz|healthz)(?:[/?]|$)/;

/** Everything the page needs comes from here, and it talks to nobody else. */
const HEADERS = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
};

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

interface BuiltFile {
  body: Buffer;
  /** The same, compressed when it was built: doing it here would hold up every request for a second. */
  brotli: Buffer | undefined;
  type: string;
  etag: string;
}

export interface DashboardOptions {
  /** Adds the playground, a page for people who write operations. */
  playground: boolean;
  /** Folder of the built page, ending in a slash. */
  folder?: URL;
}

/**
 * Serves the built dashboard: the page on each of its routes, with or without a slash at the end, and its files under
 * `/assets/`. People who follow a wrong address get the page too, which says so in words, with status 404.
 */
export function serveDashboard(app: FastifyInstance, { playground, folder = DIST }: DashboardOptions): void {
  const loaded = new Map<string, BuiltFile>();
  const fileOf = (name: string): BuiltFile | undefined => {
    if (loaded.size === 0) for (const [path, file] of readBuild(folder)) loaded.set(path, file);
    return loaded.get(name);
  };
  const page = async (request: FastifyRequest, reply: FastifyReply) => {
    const file = fileOf("index.html");
    if (!file) return sendUnbuilt(reply);
    return send(file, { request, reply: reply.header("cache-control", "no-cache") });
  };
  for (const route of playground ? [...ROUTES, "/playground"] : ROUTES) {
    app.get(route, page);
    if (route !== "/") app.get(`${route}/`, page);
  }
  app.get("/*", (request, reply) => {
    const isForPeople =
      /\btext\/html\b/.test(request.headers.accept ?? "") && !FOR_PROGRAMS.test(request.url);
    return isForPeople ? page(request, reply.code(404)) : reply.callNotFound();
  });
  app.get<{ Params: { name: string } }>("/assets/:name", async (request, reply) => {
    const file = fileOf(`assets/${request.params.name}`);
    if (!file) return reply.callNotFound();
    return send(file, {
      request,
      reply: reply.header("cache-control", "public, max-age=31536000, immutable"),
    });
  });
}

/** Every file of a build; nothing where there is no build. */
function readBuild(folder: URL): [string, BuiltFile][] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => extname(path) in TYPES)
    .map((path) => {
      const body = readFileSync(new URL(path, folder));
      const compressed = new URL(`${path}.br`, folder);
      const brotli = existsSync(compressed) ? readFileSync(compressed) : undefined;
      const etag = `"${createHash("sha256").update(body).digest("base64url").slice(0, 22)}"`;
      return [path, { body, brotli, type: TYPES[extname(path)] ?? "", etag }];
    });
}

function send(file: BuiltFile, { request, reply }: { request: FastifyRequest; reply: FastifyReply }) {
  reply.headers({ ...HEADERS, etag: file.etag, vary: "accept-encoding" }).type(file.type);
  if (request.headers["if-none-match"] === file.etag) return reply.code(304).send();
  if (!file.brotli || !/\bbr\b/.test(request.headers["accept-encoding"] ?? "")) return reply.send(file.body);
  return reply.header("content-encoding", "br").send(file.brotli);
}

const sendUnbuilt = (reply: FastifyReply) =>
  sendProblem(reply, {
    status: 503,
    code: "NOT_BUILT",
    detail: "The dashboard is not built yet: run node dashboard/build.ts; npm start does it by itself",
  });
