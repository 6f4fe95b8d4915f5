import { localToken } from "../../../gateway/token/local-token.ts";
import { waitFor } from "../../support/wait.ts";
import { answers, freePorts, SECRETS, startProcess, startProcesses, stopProcess } from "./processes.ts";

/** Two gateways, each over its own PLMS process; one catalogue, one executor, one database. */
export async function startReplicas(databaseUrl: string) {
  const parts = await startProcesses(databaseUrl);
  const [plmsPort, gatewayPort] = await freePorts(2);
  const [plms, gateway] = [`http://127.0.0.1:${plmsPort}`, `http://127.0.0.1:${gatewayPort}`];
  const common = {
    ...SECRETS,
    DATABASE_URL: databaseUrl,
    LOG_LEVEL: "warn",
    AUTH_ANONYMOUS_SCOPES: "projects.view,plm.view",
  };
  const children = [
    startProcess("subgraphs/plms/main.ts", { ...common, PORT: `${plmsPort}`, PAS_BASE_URL: parts.urls.pas }),
    startProcess("gateway/main.ts", {
      ...common,
      PORT: `${gatewayPort}`,
      SUBGRAPH_URLS: `plms=${plms}/graphql,catalog=${parts.urls.catalog}/graphql`,
    }),
  ];
  for (const url of [plms, gateway]) await waitFor(() => answers(`${url}/readyz`), { timeoutMs: 20_000 });
  const settings = { secret: parts.jwtSecret, issuer: "lifecycle-gateway", audience: "lifecycle-gateway" };
  return {
    gateways: [parts.urls.gateway, gateway],
    token: () => localToken(settings, "admin", 600),
    close: async () => {
      await Promise.all(children.map(stopProcess));
      await parts.close();
    },
  };
}
