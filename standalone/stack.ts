import { randomUUID } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { createDatabase, explainDatabaseProblem } from "../db/client.ts";
import { startEmbeddedPostgres } from "../db/embedded.ts";
import { takeLock } from "../db/embedded/lock.ts";
import { migrateUp } from "../db/migrate.ts";
import { runSubgraph, type RunningSubgraph } from "../subgraphs/kit/run-subgraph.ts";
import { seedDemo } from "../db/seed/seed.ts";
import { DEMO_PROJECTS, PLANNED_PROJECTS } from "../db/seed/projects.ts";
import { readGatewayConfig } from "../gateway/config.ts";
import { createGateway } from "../gateway/server.ts";
import type { Demo } from "../gateway/edge/demo.ts";
import { localToken } from "../gateway/token/local-token.ts";
import { explainFolderProblem } from "../lib/data-folder.ts";
import { localSecrets, subgraphSecretOf, type LocalSecrets } from "../lib/local-secrets.ts";
import { createLog } from "../lib/log.ts";
import { createPasMock, type PasMock } from "../mocks/pas/server.ts";
import { createPlmMock } from "../mocks/plm/server.ts";
import { readCatalogConfig } from "../subgraphs/catalog/config.ts";
import { createCatalogSubgraph } from "../subgraphs/catalog/server.ts";
import { readPlmsConfig } from "../subgraphs/plms/config.ts";
import { createPlmsSubgraph } from "../subgraphs/plms/server.ts";
import type { StandaloneConfig } from "./config.ts";
import { createDemoFaults } from "./demo-faults.ts";
import { requirePorts } from "./ports.ts";
import { showcaseModels, showcaseStrays } from "./showcase.ts";

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
  /** With its password: whoever starts this may read it in the data folder, too. */
  databaseUrl: string;
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
  /** True for a PLM that does not agree with the MRP, and for projects in every state of planning. */
  showcase: boolean;
  /** True to begin with an empty database; only the embedded one is ever emptied. */
  reset: boolean;
  /** Told what has been done, as it is done. */
  say: (what: string) => void;
}

/** A run of the first demo project lasts a few minutes. */
const DEMO: DemoSettings = {
  pasSpeed: 20,
  plmModels: 0,
  catalog: {},
  showcase: false,
  reset: false,
  say: () => {},
};

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
    if (config.DATABASE_URL === undefined) running.defer(await holdFolder(config.DATA_DIR));
    await requirePorts(config);
    const secrets = localSecrets(config.DATA_DIR);
    const parts = await startParts(config, { secrets, demo: { ...DEMO, ...demo } }, running);
    return { ...parts, secrets, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** One stack at a time in a data folder: another would share its database, and lose it when the first one ends. */
async function holdFolder(dataDir: string): Promise<() => Promise<void>> {
  const lock = join(dataDir, "npm-start.lock");
  try {
    mkdirSync(dataDir, { recursive: true });
    return await takeLock(lock, {
      patienceMs: 0,
      busy: (pid) =>
        `npm start already runs on the data folder ${dataDir} (process ${pid}): use that one, stop it, or choose another folder with DATA_DIR`,
    });
  } catch (error) {
    throw explainFolderProblem(error, dataDir);
  }
}

/** Token of a local administrator, signed with the stack's own secret. */
export const adminToken = ({ secrets }: Stack, ttlSeconds: number): Promise<string> =>
  localToken(
    { secret: secrets.jwtSecret, issuer: "lifecycle-gateway", audience: "lifecycle-gateway" },
    "admin",
    ttlSeconds,
  );

interface Settings {
  secrets: LocalSecrets;
  demo: DemoSettings;
}

interface Found {
  databaseUrl: string;
  brokerUrl: string;
}

interface Subgraphs {
  plms: RunningSubgraph;
  catalog: RunningSubgraph;
}

async function startParts(
  config: StandaloneConfig,
  settings: Settings,
  running: AsyncDisposableStack,
): Promise<{ urls: StackUrls; databaseUrl: string }> {
  const { say } = settings.demo;
  const databaseUrl = await startDatabase(config, settings.demo, running);
  const mocks = await startMocks(config, settings, running);
  // In memory it is this stack's alone: another one in the process has another database.
  const brokerUrl = config.EVENT_BROKER_URL ?? `memory:${randomUUID()}`;
  const found = { databaseUrl, brokerUrl };
  const subgraphs = await startSubgraphs(config, { ...settings, ...found, mocks }, running);
  say("mocks and subgraphs listen");
  const gateway = await startGateway(config, { ...settings, ...found, ...subgraphs, mocks }, running);
  say("the gateway listens");
  const { pasUrl: pas, plmUrl: plm } = mocks;
  const urls = { gateway, plms: subgraphs.plms.url, catalog: subgraphs.catalog.url, pas, plm };
  return { urls, databaseUrl };
}

interface Mocks {
  pas: PasMock;
  pasUrl: string;
  plmUrl: string;
  faults: Demo;
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
  if (demo.showcase) plm.setModels(showcaseModels, showcaseStrays);
  const plmUrl = await plm.listen({ host, port: PLM_PORT });
  running.defer(() => plm.close());
  return { pas, pasUrl, plmUrl, faults: createDemoFaults(plm) };
}

async function startSubgraphs(
  config: StandaloneConfig,
  { secrets, demo, databaseUrl, brokerUrl, mocks }: Settings & Found & { mocks: Mocks },
  running: AsyncDisposableStack,
): Promise<Subgraphs> {
  const shared = {
    HOST: config.HOST,
    DATABASE_URL: databaseUrl,
    LOG_LEVEL: config.LOG_LEVEL,
    JWT_SECRET: secrets.jwtSecret,
    ...(config.REDIS_URL !== undefined && { REDIS_URL: config.REDIS_URL }),
    EVENT_BROKER_URL: brokerUrl,
  };
  const plmsConfig = readPlmsConfig({
    ...shared,
    PORT: String(config.PLMS_PORT),
    GATEWAY_SUBGRAPH_SECRET: subgraphSecretOf(secrets, "plms"),
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
    GATEWAY_SUBGRAPH_SECRET: subgraphSecretOf(secrets, "catalog"),
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
  {
    secrets,
    brokerUrl,
    plms,
    catalog,
    mocks,
  }: Pick<Settings, "secrets"> & Found & Subgraphs & { mocks: Mocks },
  running: AsyncDisposableStack,
): Promise<string> {
  const config = readGatewayConfig({
    HOST,
    PORT: String(PORT),
    LOG_LEVEL: level,
    SUBGRAPH_SECRETS: ["plms", "catalog"].map((name) => `${name}=${subgraphSecretOf(secrets, name)}`).join(),
    JWT_SECRET: secrets.jwtSecret,
    AUTH_ANONYMOUS_SCOPES,
    EVENT_BROKER_URL: brokerUrl,
  });
  const inProcess = new Map(Object.entries({ plms: plms.endpoint, catalog: catalog.endpoint }));
  const log = createLog({ name: "gateway", level });
  const gateway = await createGateway(config, { log, inProcess, demo: mocks.faults });
  running.defer(() => gateway.close());
  return gateway.listen();
}

async function startDatabase(
  config: StandaloneConfig,
  { showcase, reset, say }: DemoSettings,
  running: AsyncDisposableStack,
): Promise<string> {
  const log = createLog({ name: "db", level: config.LOG_LEVEL });
  if (reset && config.DATABASE_URL !== undefined)
    throw new Error(
      "--reset empties the embedded database only: unset DATABASE_URL, or empty that one yourself",
    );
  const url = config.DATABASE_URL ?? (await startEmbedded(config, reset, running));
  say(config.DATABASE_URL === undefined ? `PostgreSQL runs in ${config.DATA_DIR}` : "PostgreSQL is yours");
  const { db, close } = createDatabase({ url, maxConnections: 1, statementTimeoutMs: 0, log });
  try {
    const applied = await migrateUp(db);
    await seedDemo(db, showcase ? [...DEMO_PROJECTS, ...PLANNED_PROJECTS] : DEMO_PROJECTS);
    say(
      applied.length > 0
        ? `${applied.length} migrations and demo data are in`
        : "the data are as you left them",
    );
  } catch (error) {
    throw config.DATABASE_URL === undefined ? error : explainDatabaseProblem(error, url);
  } finally {
    await close();
  }
  return url;
}

async function startEmbedded(
  { DATA_DIR, LOG_LEVEL }: StandaloneConfig,
  reset: boolean,
  running: AsyncDisposableStack,
): Promise<string> {
  const embedded = await startEmbeddedPostgres({
    dataDir: DATA_DIR,
    reset,
    log: createLog({ name: "postgres", level: LOG_LEVEL }),
  });
  running.defer(() => embedded.stop());
  return embedded.url;
}
