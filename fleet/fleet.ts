import { localToken } from "../gateway/token/local-token.ts";
import type { Role } from "../lib/identity.ts";
import { clientOf, setFaults, type GatewayClient } from "../client/graph-client.ts";
import { createMember, type Member } from "./member.ts";
import { freePorts } from "./processes.ts";

export const SECRETS = {
  JWT_SECRET: "a secret of thirty-two characters or more",
  GATEWAY_SUBGRAPH_SECRET: "a secret between gateway and subgraphs",
  WEBHOOK_SECRET_PAS: "whsec_bG9jYWwtZGV2ZWxvcG1lbnQtb25seS1wYXM=",
  WEBHOOK_SECRET_PLM: "whsec_bG9jYWwtZGV2ZWxvcG1lbnQtb25seS1wbG0=",
};
const PLM_CLIENT = { PLM_CLIENT_ID: "mrp-dev", PLM_CLIENT_SECRET: "mrp-dev-secret" };
const VISITORS = { AUTH_ANONYMOUS_SCOPES: "projects.view,plm.view" };
const TOKEN_TTL_SECONDS = 6 * 3_600;

type MemberRole = "plms" | "catalog" | "gateway";
const ENTRIES: Readonly<Record<MemberRole, string>> = {
  plms: "subgraphs/plms/main.ts",
  catalog: "subgraphs/catalog/main.ts",
  gateway: "gateway/main.ts",
};

export interface FleetOptions {
  databaseUrl: string;
  redisUrl?: string | undefined;
  /** How many of each; default one. The n-th gateway asks the n-th of the others, or the last. */
  gateways?: number;
  plms?: number;
  catalogs?: number;
  /** Another build, which gateways and subgraphs run at first. */
  checkout?: string;
  /** Variables beside the usual, by role. */
  env?: Partial<Record<MemberRole | "mocks", Record<string, string>>>;
}

/** Gateways, subgraphs and mocks, each a process of its own, on one database. */
export interface Fleet {
  mocks: Member;
  gateways: readonly Member[];
  /** Everything but the mocks. */
  members: readonly Member[];
  /** Of the first of each role. */
  urls: Record<"gateway" | "plms" | "catalog" | "pas" | "plm", string>;
  /** By its name, like `plms-1` or `gateway-2`. */
  member(name: string): Member;
  jwtSecret: string;
  token: (role: Role) => Promise<string>;
  /** A client with an administrator's token, of the first gateway unless told otherwise. */
  admin(gateway?: Member): Promise<GatewayClient>;
  setPasFaults(...rules: object[]): Promise<void>;
  setPlmFaults(...rules: object[]): Promise<void>;
  close: () => Promise<void>;
}

export async function startFleet(options: FleetOptions): Promise<Fleet> {
  const { gateways = 1, plms = 1, catalogs = 1 } = options;
  const [pasPort = 0, plmPort = 0, ...ports] = await freePorts(2 + plms + catalogs + gateways);
  const pasUrl = `http://127.0.0.1:${pasPort}`;
  const plmUrl = `http://127.0.0.1:${plmPort}`;
  const common = commonEnvironment(options);
  const several = (role: MemberRole, count: number, envOf: (index: number) => Record<string, string>) =>
    Array.from({ length: count }, (_, index) => {
      const port = ports.shift() ?? 0;
      const env = { ...common, PORT: `${port}`, ...envOf(index), ...options.env?.[role] };
      const { checkout } = options;
      return createMember({ name: `${role}-${index + 1}`, entry: ENTRIES[role], port, env, checkout });
    });
  const plmsMembers = several("plms", plms, () => ({ PAS_BASE_URL: pasUrl, ...VISITORS }));
  const catalogMembers = several("catalog", catalogs, () => ({
    PLM_BASE_URL: plmUrl,
    PLM_POLL_SECONDS: "1",
  }));
  const gatewayMembers = several("gateway", gateways, (index) => ({
    SUBGRAPH_URLS: `plms=${nth(plmsMembers, index).url}/graphql,catalog=${nth(catalogMembers, index).url}/graphql`,
    ...VISITORS,
  }));
  const mocks = createMember({
    name: "mocks",
    entry: "mocks/main.ts",
    port: pasPort,
    env: {
      ...common,
      MOCK_PAS_PORT: `${pasPort}`,
      MOCK_PLM_PORT: `${plmPort}`,
      PAS_WEBHOOK_URL: nth(plmsMembers, 0).url,
      ...options.env?.mocks,
    },
    readyAt: [`${pasUrl}/readyz`, `${plmUrl}/readyz`],
  });
  const members = [...plmsMembers, ...catalogMembers, ...gatewayMembers];
  try {
    await Promise.all([mocks, ...members].map((member) => member.start()));
  } catch (error) {
    await closeAll([mocks, ...members]);
    throw error;
  }
  const urls = {
    gateway: nth(gatewayMembers, 0).url,
    plms: nth(plmsMembers, 0).url,
    catalog: nth(catalogMembers, 0).url,
    pas: pasUrl,
    plm: plmUrl,
  };
  const parts = { mocks, members, gateways: gatewayMembers, urls };
  return { ...parts, ...access(parts) };
}

/** The n-th member, or the last where there are fewer. */
function nth(members: readonly Member[], index: number): Member {
  const member = members[index] ?? members.at(-1);
  if (!member) throw new Error("a fleet has at least one member of each role");
  return member;
}

function access({ mocks, members, gateways, urls }: Pick<Fleet, "mocks" | "members" | "gateways" | "urls">) {
  const settings = {
    secret: SECRETS.JWT_SECRET,
    issuer: "lifecycle-gateway",
    audience: "lifecycle-gateway",
    // Drills set the clocks of processes back, and go on with the tokens that they have.
    backdatedSeconds: TOKEN_TTL_SECONDS,
  };
  const token = (role: Role) => localToken(settings, role, TOKEN_TTL_SECONDS);
  const clients = new Set<GatewayClient>();
  return {
    jwtSecret: SECRETS.JWT_SECRET,
    member: (name: string) => {
      const found = members.find((member) => member.name === name);
      if (!found) throw new Error(`there is no member ${name}`);
      return found;
    },
    token,
    admin: async (gateway: Member = nth(gateways, 0)) => {
      const client = clientOf(gateway.url, await token("admin"));
      clients.add(client);
      return client;
    },
    setPasFaults: (...rules: object[]) => setFaults(urls.pas, ...rules),
    setPlmFaults: (...rules: object[]) => setFaults(urls.plm, ...rules),
    close: async () => {
      for (const client of clients) await client.close();
      await closeAll([mocks, ...members]);
    },
  };
}

const commonEnvironment = ({ databaseUrl, redisUrl }: FleetOptions): Record<string, string> => ({
  DATABASE_URL: databaseUrl,
  LOG_LEVEL: "silent",
  ...SECRETS,
  ...PLM_CLIENT,
  ...(redisUrl !== undefined && { REDIS_URL: redisUrl }),
});

async function closeAll(members: readonly Member[]): Promise<void> {
  await Promise.all(members.toReversed().map((member) => member.close()));
}
