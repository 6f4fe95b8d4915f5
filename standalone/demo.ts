import { localToken } from "../gateway/token/local-token.ts";
import type { Log } from "../lib/log.ts";
import { print, type DocumentNode } from "graphql";
import {
  ProjectsDocument,
  StartProjectDocument,
  type ProjectsQuery,
  type StartProjectMutation,
} from "../schema/generated/documents.ts";
import type { Stack } from "./stack.ts";

/** Token of a local administrator, signed with the stack's own secret. */
export const adminToken = ({ secrets }: Stack, ttlSeconds: number): Promise<string> =>
  localToken(
    { secret: secrets.jwtSecret, issuer: "lifecycle-gateway", audience: "lifecycle-gateway" },
    "admin",
    ttlSeconds,
  );

/** Starts a run of the first demo project, so that there is something to watch; returns the project's id. */
export async function startDemoRun(stack: Stack, token: string, log: Log): Promise<string | undefined> {
  const ask = graphqlClient(stack.urls.gateway, token);
  const { projects } = await ask<ProjectsQuery>(ProjectsDocument, { first: 1 });
  const projectId = projects.edges[0]?.node.id;
  if (projectId === undefined) return undefined;
  const input = { projectId, runKind: "BASELINE", writeSandbox: false };
  const { startProject } = await ask<StartProjectMutation>(StartProjectDocument, {
    input,
    idempotencyKey: `demo-${Date.now()}`,
  });
  if (startProject.__typename !== "StartProjectSuccess") {
    log.warn({ code: startProject.code, problem: startProject.message }, "the demo run did not start");
  }
  return projectId;
}

function graphqlClient(gatewayUrl: string, token: string) {
  return async <T>(document: DocumentNode, variables: Record<string, unknown>): Promise<T> => {
    const response = await fetch(`${gatewayUrl}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
      body: JSON.stringify({ query: print(document), variables }),
    });
    const { data, errors } = (await response.json()) as { data?: T; errors?: { message: string }[] };
    if (!data)
      throw new Error(
        `The gateway answered: ${errors?.map(({ message }) => message).join("; ") ?? response.status}`,
      );
    return data;
  };
}
