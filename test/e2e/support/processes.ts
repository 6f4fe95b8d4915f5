import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { resolve } from "node:path";
import { waitFor } from "../../support/wait.ts";
import type { RunningParts } from "./running-parts.ts";

const root = resolve(import.meta.dirname, "../../..");
export const SECRETS = {
  JWT_SECRET: "a secret of thirty-two characters or more",
  GATEWAY_SUBGRAPH_SECRET: "a secret between gateway and subgraphs",
  WEBHOOK_SECRET_PAS: "whsec_bG9jYWwtZGV2ZWxvcG1lbnQtb25seS1wYXM=",
};
const PLM_CLIENT = { PLM_CLIENT_ID: "mrp-dev", PLM_CLIENT_SECRET: "mrp-dev-secret" };

/** Gateway, subgraphs and mocks as processes of their own on one database. */
export async function startProcesses(databaseUrl: string): Promise<RunningParts> {
  const [gateway, plms, catalog, pas, plm] = await freePorts(5);
  const at = (port: number | undefined) => `http://127.0.0.1:${port}`;
  const urls = { gateway: at(gateway), plms: at(plms), catalog: at(catalog), pas: at(pas), plm: at(plm) };
  const redis = process.env["REDIS_URL"];
  const common = {
    DATABASE_URL: databaseUrl,
    LOG_LEVEL: "warn",
    ...SECRETS,
    ...PLM_CLIENT,
    ...(redis && { REDIS_URL: redis }),
  };
  const start = (entry: string, env: Record<string, string>) => startProcess(entry, { ...common, ...env });
  const children = [
    start("mocks/main.ts", { MOCK_PAS_PORT: `${pas}`, MOCK_PLM_PORT: `${plm}`, PAS_WEBHOOK_URL: urls.plms }),
    start("subgraphs/plms/main.ts", {
      PORT: `${plms}`,
      PAS_BASE_URL: urls.pas,
      AUTH_ANONYMOUS_SCOPES: "projects.view,plm.view",
    }),
    start("subgraphs/catalog/main.ts", { PORT: `${catalog}`, PLM_BASE_URL: urls.plm, PLM_POLL_SECONDS: "1" }),
    start("gateway/main.ts", {
      PORT: `${gateway}`,
      SUBGRAPH_URLS: `plms=${urls.plms}/graphql,catalog=${urls.catalog}/graphql`,
      AUTH_ANONYMOUS_SCOPES: "projects.view,plm.view",
    }),
  ];
  await Promise.all(
    Object.values(urls).map((url) => waitFor(() => answers(`${url}/readyz`), { timeoutMs: 20_000 })),
  );
  return {
    urls,
    jwtSecret: SECRETS.JWT_SECRET,
    close: async () => {
      await Promise.all(children.toReversed().map(stopProcess));
    },
  };
}

export function startProcess(entry: string, env: Record<string, string>): ChildProcess {
  const child = spawn(process.execPath, [resolve(root, entry)], {
    cwd: root,
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"], ...env },
    stdio: ["ignore", "ignore", "inherit"],
  });
  return child;
}

export async function stopProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGTERM");
  await exited;
}

export const answers = (url: string): Promise<boolean> =>
  fetch(url).then(
    ({ ok }) => ok,
    () => false,
  );

/** Ports that were free a moment ago: the processes have to know each other's before they start. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  await Promise.all(servers.map((server) => once(server, "listening")));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), "close")));
  return ports;
}
