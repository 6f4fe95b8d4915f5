import { readFileSync } from "node:fs";
import type { FastifyInstance } from "fastify";
import { audited, refusedAttempt, type RecordAttempt } from "../../kit/audited.ts";
import { notFound } from "../../../lib/errors.ts";
import type { Caller } from "../../../lib/graphql-endpoint.ts";
import { createIdentify } from "../../../lib/identify.ts";
import { serveRest, type RestOperations, type RestOptions } from "./routes.ts";
import type { PlmsConfig } from "../config.ts";
import { insightOperations } from "./insights.ts";
import type { Project } from "../domain/project.ts";
import type { Live } from "../live.ts";
import { findPassports, findProjects, findRunOfExecutor } from "../operations/find.ts";
import type { Ports } from "../ports.ts";
import { principalOf } from "../operations/principal.ts";
import { runwaysOf } from "../operations/runways-of.ts";
import { simulateProject } from "../operations/simulate-project.ts";
import { startProject } from "../operations/start-project.ts";

export interface FacadeOptions {
  config: Pick<PlmsConfig, "tokens" | "anonymousScopes" | "allowedOrigins">;
  ports: Ports;
  live: Live;
  record: RecordAttempt;
}

const OPEN_API = new URL("../../../schema/plms.openapi.json", import.meta.url);

/** The seed's REST façade on the same use cases as GraphQL. */
export const serveRestFacade = (app: FastifyInstance, { config, ports, live, record }: FacadeOptions): void =>
  serveRest(app, {
    identify: createIdentify(config.tokens, config.anonymousScopes),
    allowedOrigins: config.allowedOrigins,
    onRefused: recordRefusals(record),
    operations: operationsOf({ ports, live, record }),
    openApi: readFileSync(OPEN_API, "utf8"),
  });

/** What changes something, by the scope that it needs and by its name in the graph. */
const ACTIONS: Readonly<Record<string, string>> = {
  "projects.start": "startProject",
  "projects.simulate": "simulateProject",
};

const recordRefusals =
  (record: RecordAttempt): RestOptions["onRefused"] =>
  async ({ caller, scope, projectId }, error) => {
    const action = ACTIONS[scope];
    const refused = action && refusedAttempt({ caller, action, args: { projectId } }, error);
    if (refused) await record(refused);
  };

function operationsOf({ ports, live, record }: Omit<FacadeOptions, "config">): RestOperations {
  const projectOf = async ({ identity }: Caller, id: string): Promise<Project> => {
    const [project] = await findProjects(ports, identity.tenant, [id]);
    return project ?? missing("Project", id);
  };
  return {
    ...insightOperations(ports, projectOf),
    start: (caller, call) =>
      audited(record, { caller, action: "startProject", args: call }, () =>
        startProject(ports, principalOf(caller), call),
      ),
    simulate: (caller, call) =>
      audited(record, { caller, action: "simulateProject", args: call }, () =>
        simulateProject(ports, principalOf(caller), call),
      ),
    runway: async (caller, id) => {
      const project = await projectOf(caller, id);
      const [runway] = await runwaysOf(ports, [project.id]);
      return runway ?? missing("Project", id);
    },
    watchRunway: async (caller, id) => live.runways.watch((await projectOf(caller, id)).id),
    passport: async ({ identity }, { projectId, executorRunId }) => {
      const run = await findRunOfExecutor(ports, identity.tenant, executorRunId);
      if (run?.projectId !== projectId) return missing("Run", executorRunId);
      const [passport] = await findPassports(ports, [run.id]);
      return { passport: passport ?? missing("Passport of run", executorRunId), run };
    },
  };
}

function missing(entity: string, id: string): never {
  throw notFound(entity, id);
}
