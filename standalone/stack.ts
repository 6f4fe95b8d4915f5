import { createDatabase } from "../db/client.ts";
import { startEmbeddedPostgres } from "../db/embedded.ts";
import { migrateUp } from "../db/migrate.ts";
import { runSubgraph, type RunningSubgraph } from "../db/run-subgraph.ts";
import { seedDemo } from "../db/seed.ts";
import { readGatewayConfig } from "../gateway/config.ts";
import { createGateway } from "../gateway/server.ts";
import { localSecrets, type LocalSecrets } from "../lib/local-secrets.ts";
import { createLog } from "../lib/log.ts";
import { createPasMock, type PasMock } from "../mocks/pas/server.ts";
import { createPlmMock } from "../mocks/plm/server.ts";
import { readCatalogConfig } from "../subgraphs/catalog/config.ts";
import { createCatalogSubgraph } from "../subgraphs/catalog/server.ts";
import { readPlmsConfig } from "../subgraphs/plms/config.ts";
import { createPlmsSubgraph } from "../subgraphs/plms/server.ts";
import type { StandaloneConfig } from "./config.ts";

/** Base URLs of everything that listens. */
export interface StackUrls {
  gateway: string;
  plms: string;
  catalog: string;
  pas: string;
  plm: string;
}

export interface Stack {
  urls: StackUrls;
  secrets: LocalSecrets;
  close(): Promise<void>;
}

/** How the mocks behave and how closely they are watched. */
export interface DemoSettings {
  /** Minutes of work that the executor does in one minute. */
  pasSpeed: number;
  /** Size of a generated catalogue; 0 for the MRP's four models. */
  plmModels: number;
  /** Variables of the catalogue beside the usual. */
  catalog: Readonly<Record<string, string>>;
}

/** A demo run lasts a few minutes. */
const DEMO: DemoSettings = { pasSpeed: 20, plmModels: 0, catalog: {} };

/** What a visitor without a token may do on a developer's machine. */
const AUTH_ANONYMOUS_SCOPES = "projects.view,plm.view";

const PLM_CLIENT = { clientId: "mrp-standalone", clientSecret: "mrp-standalone-secret" };

/**
 * Starts everything in this process: database, mocks, both subgraphs, and a gateway that reaches the
 * subgraphs without a network. What has been started is stopped again when a later part fails.
 */
export async function startStack(config: StandaloneConfig, demo: Partial<DemoSettings> = {}): Promise<Stack> {
  const running = new AsyncDisposableStack();
  const close = () => running.disposeAsync();
  try {
    const secrets = localSecrets(config.DATA_DIR);
    const urls = await startParts(config, { secrets, demo: { ...DEMO, ...demo } }, running);
    return { urls, secrets, close };
  } catch (error) {
    await close();
    throw error;
  }
}

interface Settings {
  secrets: LocalSecrets;
  demo: DemoSettings;
}

async function startParts(
  config: StandaloneConfig,
  settings: Settings,
  running: AsyncDisposableStack,
): Promise<StackUrls> {
  const databaseUrl = await startDatabase(config, running);
  const mocks = await startMocks(config, settings, running);
  const subgraphs = await startSubgraphs(config, { ...settings, databaseUrl, mocks }, running);
  const gateway = await startGateway(config, { ...settings, ...subgraphs }, running);
  return {
    gateway,
    plms: subgraphs.plms.url,
    catalog: subgraphs.catalog.url,
    pas: mocks.pasUrl,
    plm: mocks.plmUrl,
  };
}

interface Mocks {
  pas: PasMock;
  pasUrl: string;
  plmUrl: string;
}

async function startMocks(
  { HOST: host, LOG_LEVEL: level, PAS_PORT, PLM_PORT }: StandaloneConfig,
  { secrets, demo }: Settings,
  running: AsyncDisposableStack,
): Promise<Mocks> {
  const pas = createPasMock({
    webhookSecret: secrets.webhookSecretPas,
    speed: demo.pasSpeed,
    log: createLog({ name: "mock-pas", level }),
  });
  const pasUrl = await pas.listen({ host, port: PAS_PORT });
  running.defer(() => pas.close());
  const plm = createPlmMock({
    client: PLM_CLIENT,
    models: demo.plmModels,
    log: createLog({ name: "mock-plm", level }),
  });
  const plmUrl = await plm.listen({ host, port: PLM_PORT });
  running.defer(() => plm.close());
  return { pas, pasUrl, plmUrl };
}

async function startSubgraphs(
  config: StandaloneConfig,
  { secrets, demo, databaseUrl, mocks }: Settings & { databaseUrl: string; mocks: Mocks },
  running: AsyncDisposableStack,
): Promise<{ plms: RunningSubgraph; catalog: RunningSubgraph }> {
  const shared = {
    HOST: config.HOST,
    DATABASE_URL: databaseUrl,
    LOG_LEVEL: config.LOG_LEVEL,
    GATEWAY_SUBGRAPH_SECRET: secrets.gatewaySubgraphSecret,
    JWT_SECRET: secrets.jwtSecret,
    ...(config.REDIS_URL !== undefined && { REDIS_URL: config.REDIS_URL }),
  };
  const plmsConfig = readPlmsConfig({
    ...shared,
    PORT: String(config.PLMS_PORT),
    PAS_BASE_URL: mocks.pasUrl,
    WEBHOOK_SECRET_PAS: secrets.webhookSecretPas,
    AUTH_ANONYMOUS_SCOPES,
    ...(config.ARTIFACTS_DIR !== undefined && { ARTIFACTS_DIR: config.ARTIFACTS_DIR }),
  });
  const plms = await runSubgraph({ name: "plms", ...plmsConfig }, (deps) =>
    createPlmsSubgraph(plmsConfig, deps),
  );
  running.defer(() => plms.close());
  mocks.pas.setWebhookUrl(plms.url);
  const catalogConfig = readCatalogConfig({
    ...shared,
    PORT: String(config.CATALOG_PORT),
    PLM_BASE_URL: mocks.plmUrl,
    PLM_CLIENT_ID: PLM_CLIENT.clientId,
    PLM_CLIENT_SECRET: PLM_CLIENT.clientSecret,
    // A dead PLM is noticed within seconds.
    PLM_POLL_SECONDS: "1",
    ...demo.catalog,
  });
  const catalog = await runSubgraph({ name: "catalog", ...catalogConfig }, (deps) =>
    createCatalogSubgraph(catalogConfig, deps),
  );
  running.defer(() => catalog.close());
  return { plms, catalog };
}

/** The gateway, with both subgraphs as objects instead of addresses. */
async function startGateway(
  { HOST, PORT, LOG_LEVEL: level }: StandaloneConfig,
  { secrets, plms, catalog }: { secrets: LocalSecrets; plms: RunningSubgraph; catalog: RunningSubgraph },
  running: AsyncDisposableStack,
): Promise<string> {
  const config = readGatewayConfig({
    HOST,
    PORT: String(PORT),
    LOG_LEVEL: level,
    GATEWAY_SUBGRAPH_SECRET: secrets.gatewaySubgraphSecret,
    JWT_SECRET: secrets.jwtSecret,
    AUTH_ANONYMOUS_SCOPES,
  });
  const inProcess = new Map([
    ["plms", plms.endpoint],
    ["catalog", catalog.endpoint],
  ]);
  const gateway = await createGateway(config, { log: createLog({ name: "gateway", level }), inProcess });
  running.defer(() => gateway.close());
  return gateway.listen();
}

async function startDatabase(config: StandaloneConfig, running: AsyncDisposableStack): Promise<string> {
  const log = createLog({ name: "db", level: config.LOG_LEVEL });
  const url = config.DATABASE_URL ?? (await startEmbedded(config, running));
  const { db, close } = createDatabase({ url, maxConnections: 1, statementTimeoutMs: 0, log });
  try {
    await migrateUp(db);
    await seedDemo(db);
  } finally {
    await close();
  }
  return url;
}

async function startEmbedded(
  { DATA_DIR, LOG_LEVEL }: StandaloneConfig,
  running: AsyncDisposableStack,
): Promise<string> {
  const embedded = await startEmbeddedPostgres({
    dataDir: DATA_DIR,
    log: createLog({ name: "postgres", level: LOG_LEVEL }),
  });
  running.defer(() => embedded.stop());
  return embedded.url;
}
