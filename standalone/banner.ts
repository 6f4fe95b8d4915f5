import type { Stack } from "./stack.ts";

/** What a newcomer needs to look around. */
export function banner(
  { urls, databaseUrl }: Pick<Stack, "urls" | "databaseUrl">,
  { token, projectId }: { token: string; projectId: string },
): string {
  const query = `{ project(id: \\"${projectId}\\") { name budgetRunway { status minutesToDepletion budget { usdSpent usdMax } } products { model { name } } } }`;
  return `
  The lifecycle gateway is running.

    Dashboard      ${urls.gateway}/
    Playground     ${urls.gateway}/playground
    GraphQL        ${urls.gateway}/graphql   (HTTP and WebSocket)
    Subgraphs      ${urls.plms} (PLMS)   ${urls.catalog} (catalogue)
    Mocks          ${urls.pas} (executor)   ${urls.plm} (PLM)
    Database       ${databaseUrl}

  The dashboard as an administrator, good for 12 hours (npm run token prints other tokens):

    ${urls.gateway}/projects/${projectId}#token=${token}

  Ask something (no token needed to look):

    curl -s ${urls.gateway}/graphql -H 'content-type: application/json' \\
      -d '{"query":"${query}"}'

  Break it on purpose, watch the circuit open on the dashboard, heal it:

    curl -s -X PUT ${urls.plm}/_faults -H 'content-type: application/json' -d '{"rules":[{"path":"/plm/*","mode":"down"}]}'
    curl -s -X PUT ${urls.plm}/_faults -H 'content-type: application/json' -d '{"rules":[]}'

  Ctrl-C stops everything.
`;
}
