import { existsSync, readFileSync } from "node:fs";
import type { FastifyInstance } from "fastify";

const PAGE = new URL("../dashboard/index.html", import.meta.url);
/** Scripts and styles stand in the page itself; nothing is loaded from elsewhere. */
const POLICY =
  "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; connect-src 'self'";

/** Serves the dashboard at `/`, where it comes with the installation. */
export function serveDashboard(app: FastifyInstance): void {
  if (!existsSync(PAGE)) return;
  const page = readFileSync(PAGE);
  app.get("/", async (_request, reply) =>
    reply.type("text/html; charset=utf-8").header("content-security-policy", POLICY).send(page),
  );
}
