import { createDatabase } from "../db/client.ts";
import { startEmbeddedPostgres } from "../db/embedded.ts";
import { migrateUp } from "../db/migrate.ts";
import { createNotifications } from "../db/notifications.ts";
import { seedDemo } from "../db/seed.ts";
import { readGatewayConfig } from "../gateway/config.ts";
import { createGateway } from "../gateway/server.ts";
import { systemClock } from "../lib/clock.ts";
import type { GraphQLEndpoint } from "../lib/graphql-endpoint.ts";
import { localSecrets, type LocalSecrets } from "../lib/local-secrets.ts";
import { createLog } from "../lib/log.ts";
import { createPasMock } from "../mocks/pas/server.ts";
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
  /** Seconds between two looks at the PLM. */
  plmPollSeconds: number;
}

/** A demo run lasts a few minutes, and a dead PLM is noticed within seconds. */
const DEMO: DemoSettings = { pasSpeed: 20, plmModels: 0, plmPollSeconds: 1 };

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

async function startParts(
  config: StandaloneConfig,
  { secrets, demo }: { secrets: LocalSecrets; demo: DemoSettings },
  running: AsyncDisposableStack,
): Promise<StackUrls> {
  const { HOST: host, LOG_LEVEL: level } = config;
  const databaseUrl = await startDatabase(config, running);

  const pas = createPasMock({
    webhookSecret: secrets.webhookSecretPas,
    speed: demo.pasSpeed,
    log: createLog({ name: "mock-pas", level }),
  });
  const pasUrl = await pas.listen({ host, port: config.PAS_PORT });
  running.defer(() => pas.close());
  const plm = createPlmMock({
    client: PLM_CLIENT,
    models: demo.plmModels,
    log: createLog({ name: "mock-plm", level }),
  });
  const plmUrl = await plm.listen({ host, port: config.PLM_PORT });
  running.defer(() => plm.close());

  const shared = {
    HOST: host,
    DATABASE_URL: databaseUrl,
    LOG_LEVEL: level,
    GATEWAY_SUBGRAPH_SECRET: secrets.gatewaySubgraphSecret,
  };
  const plms = await startPlms(
    {
      ...shared,
      PORT: String(config.PLMS_PORT),
      PAS_BASE_URL: pasUrl,
      WEBHOOK_SECRET_PAS: secrets.webhookSecretPas,
      JWT_SECRET: secrets.jwtSecret,
      AUTH_ANONYMOUS_SCOPES: "projects.view,plm.view",
    },
    running,
  );
  pas.setWebhookUrl(plms.url);
  const catalog = await startCatalog(
    {
      ...shared,
      PORT: String(config.CATALOG_PORT),
      JWT_SECRET: secrets.jwtSecret,
      PLM_BASE_URL: plmUrl,
      PLM_CLIENT_ID: PLM_CLIENT.clientId,
      PLM_CLIENT_SECRET: PLM_CLIENT.clientSecret,
      PLM_POLL_SECONDS: String(demo.plmPollSeconds),
      ...(config.REDIS_URL !== undefined && { REDIS_URL: config.REDIS_URL }),
    },
    running,
  );

  const gatewayUrl = await startGateway(config, { secrets, plms, catalog }, running);
  return { gateway: gatewayUrl, plms: plms.url, catalog: catalog.url, pas: pasUrl, plm: plmUrl };
}

interface Part {
  endpoint: GraphQLEndpoint;
  url: string;
}

/** The gateway, with both subgraphs as objects instead of addresses. */
async function startGateway(
  { HOST, PORT, LOG_LEVEL: level }: StandaloneConfig,
  { secrets, plms, catalog }: { secrets: LocalSecrets; plms: Part; catalog: Part },
  running: AsyncDisposableStack,
): Promise<string> {
  const config = readGatewayConfig({
    HOST,
    PORT: String(PORT),
    LOG_LEVEL: level,
    GATEWAY_SUBGRAPH_SECRET: secrets.gatewaySubgraphSecret,
    JWT_SECRET: secrets.jwtSecret,
    AUTH_ANONYMOUS_SCOPES: "projects.view,plm.view",
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
    dataDir: `${DATA_DIR}/postgres`,
    log: createLog({ name: "postgres", level: LOG_LEVEL }),
  });
  running.defer(() => embedded.stop());
  return embedded.url;
}

async function startPlms(source: Record<string, string>, running: AsyncDisposableStack): Promise<Part> {
  const config = readPlmsConfig(source);
  const log = createLog({ name: "plms", level: config.logLevel });
  const database = createDatabase({ url: config.databaseUrl, log });
  running.defer(() => database.close());
  const notifications = createNotifications({ url: config.databaseUrl, log });
  running.defer(() => notifications.close());
  const subgraph = await createPlmsSubgraph(config, {
    db: database.db,
    notifications,
    clock: systemClock,
    log,
  });
  running.defer(() => subgraph.close());
  return { endpoint: subgraph.endpoint, url: await subgraph.listen() };
}

async function startCatalog(source: Record<string, string>, running: AsyncDisposableStack): Promise<Part> {
  const config = readCatalogConfig(source);
  const log = createLog({ name: "catalog", level: config.logLevel });
  const database = createDatabase({ url: config.databaseUrl, log });
  running.defer(() => database.close());
  const notifications = createNotifications({ url: config.databaseUrl, log });
  running.defer(() => notifications.close());
  const subgraph = await createCatalogSubgraph(config, {
    db: database.db,
    notifications,
    clock: systemClock,
    log,
  });
  running.defer(() => subgraph.close());
  return { endpoint: subgraph.endpoint, url: await subgraph.listen() };
}
