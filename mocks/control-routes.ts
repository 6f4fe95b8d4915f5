import type { FastifyInstance } from "fastify";
import { parseFaultRules, type FaultMode, type Faults } from "./faults.ts";
import type { RequestLog } from "./request-log.ts";

/**
 * `PUT /_faults`, `GET /_faults`, `GET /_requests` (counts by path; `?details=1` the last thousand) and
 * `DELETE /_requests`: how a test or a person steers a mock. Faults never touch them.
 */
export function addControlRoutes(
  app: FastifyInstance,
  parts: { faults: Faults; modes: readonly FaultMode[]; requestLog: RequestLog },
): void {
  const { faults, modes, requestLog } = parts;
  app.put("/_faults", async (request) => {
    faults.set(parseFaultRules(request.body, modes));
    return { rules: faults.rules() };
  });
  app.get("/_faults", async () => ({ rules: faults.rules() }));
  app.get<{ Querystring: { details?: string } }>("/_requests", async (request) =>
    request.query.details === "1"
      ? { counts: requestLog.counts(), last: requestLog.last() }
      : requestLog.counts(),
  );
  app.delete("/_requests", async (_request, reply) => {
    requestLog.reset();
    return reply.code(204).send();
  });
}
