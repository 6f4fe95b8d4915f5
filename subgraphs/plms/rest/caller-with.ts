import type { FastifyRequest } from "fastify";
import type { Caller } from "../../../lib/graphql-endpoint.ts";

/** The caller of a request, who holds the scope. */
export type CallerWith = (request: FastifyRequest<ProjectRoute>, scope: string) => Promise<Caller>;

/** What every route of a project is given. */
export interface ProjectRoute {
  Params: { id: string };
  Querystring: Record<string, unknown>;
}
