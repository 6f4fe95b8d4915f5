import { readdirSync, readFileSync } from "node:fs";
import { collectDefaultMetrics, Registry } from "prom-client";
import { describe, expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { readGatewayConfig } from "../../gateway/config.ts";
import { readCatalogConfig } from "../../subgraphs/catalog/config.ts";
import { readPlmsConfig } from "../../subgraphs/plms/config.ts";

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

interface Container {
  args?: string[];
  env?: { name: string; value: string }[];
  envFrom?: { secretRef?: { name: string }; configMapRef?: { name: string } }[];
  securityContext: object;
  resources: { requests: object; limits: object };
  readinessProbe?: object;
  livenessProbe?: object;
}
interface Manifest {
  kind: string;
  metadata: { name: string };
  data?: Record<string, string>;
  spec: { template?: { spec: { securityContext: object; containers: Container[] } } };
}

const manifests = readdirSync(new URL("../../deploy/kubernetes", import.meta.url)).flatMap((file) =>
  parseAllDocuments(read(`deploy/kubernetes/${file}`)).map((document) => document.toJS() as Manifest),
);

describe("the Kubernetes manifests", () => {
  const workloads = manifests.filter(({ kind }) => kind === "Deployment" || kind === "Job");

  test("are there for every process, with a service and a disruption budget each", () => {
    const namesOf = (kind: string) =>
      manifests
        .filter((one) => one.kind === kind)
        .map(({ metadata }) => metadata.name)
        .sort();
    for (const kind of ["Deployment", "Service", "PodDisruptionBudget"])
      expect(namesOf(kind)).toEqual(["catalog", "gateway", "plms"]);
  });

  test.each(workloads.map((one) => [one.metadata.name, one] as const))(
    "run %s as nobody, on a read-only file system, within limits, from a file that exists",
    (_name, { kind, spec }) => {
      expect(spec.template?.spec.securityContext).toMatchObject({ runAsNonRoot: true });
      const [container] = spec.template?.spec.containers ?? [];
      expect(container?.securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ["ALL"] },
      });
      expect(container?.resources).toMatchObject({ requests: expect.anything(), limits: expect.anything() });
      expect(read(container?.args?.[0] ?? "").length).toBeGreaterThan(0);
      const probes = {
        readinessProbe: { httpGet: { path: "/readyz" } },
        livenessProbe: { httpGet: { path: "/livez" } },
      };
      expect(container).toMatchObject(kind === "Deployment" ? probes : {});
    },
  );
});

/** What whoever deploys has to bring. */
const SECRETS = {
  DATABASE_URL: "postgresql://u:p@db.example.com:5432/lifecycle",
  REDIS_URL: "redis://redis.example.com:6379",
  POSTGRES_PASSWORD: "p",
  WEBHOOK_SECRET_PAS: "whsec_c2VjcmV0LXNlY3JldC1zZWNyZXQ=",
  PLM_CLIENT_ID: "mrp",
  PLM_CLIENT_SECRET: "hush",
  JWT_JWKS_URL: "http://keys:8080/jwks.json",
};
/** What proves the gateway to each subgraph, as each process has it. */
const [PLMS_SECRET, CATALOG_SECRET] = ["the secret of plms alone", "the secret of catalog alone"];
const OWN_SECRETS = {
  gateway: { SUBGRAPH_SECRETS: `plms=${PLMS_SECRET},catalog=${CATALOG_SECRET}` },
  plms: { GATEWAY_SUBGRAPH_SECRET: PLMS_SECRET },
  catalog: { GATEWAY_SUBGRAPH_SECRET: CATALOG_SECRET },
};
const IMAGE = Object.fromEntries(
  [...(/^ENV (.*)$/m.exec(read("deploy/Dockerfile"))?.[1] ?? "").matchAll(/(\w+)=(\S+)/g)].map(
    ([, name = "", value = ""]) => [name, value],
  ),
);

type Deployed = (name: "gateway" | "plms" | "catalog") => Record<string, string>;

/**
 * The private addresses that each of those who call out may call.
 *
 * @throws EnvironmentError when the environment does not suffice
 */
function allowedPrivately(environmentOf: Deployed): unknown[] {
  const issuer = readGatewayConfig(environmentOf("gateway")).auth;
  const plms = readPlmsConfig(environmentOf("plms"));
  const catalog = readCatalogConfig(environmentOf("catalog"));
  const callers = [issuer, plms.pas, plms.tokens, catalog.plm.connection, catalog.tokens];
  return callers.map((caller) => caller && "allowPrivate" in caller && caller.allowPrivate);
}

describe("the environment of processes in production", () => {
  test("is complete in Kubernetes, and lists the hosts of the cluster that are called", () => {
    const addresses = manifests.find(({ kind }) => kind === "ConfigMap");
    const environmentOf: Deployed = (name) => {
      const deployed = manifests.find((one) => one.kind === "Deployment" && one.metadata.name === name);
      const [container] = deployed?.spec.template?.spec.containers ?? [];
      expect(container?.envFrom).toEqual([
        { secretRef: { name: "lifecycle-secrets" } },
        { secretRef: { name: `lifecycle-${name}` } },
        { configMapRef: { name: addresses?.metadata.name } },
      ]);
      const own = container?.env?.map(({ name: variable, value }) => [variable, value]) ?? [];
      return { ...IMAGE, ...SECRETS, ...OWN_SECRETS[name], ...addresses?.data, ...Object.fromEntries(own) };
    };
    const called = Object.values(addresses?.data ?? {}).filter((value) => URL.canParse(value));
    const inCluster = called.map((url) => new URL(url).hostname).filter((host) => !host.includes("."));
    expect(inCluster).toEqual(["pas"]);
    expect(allowedPrivately(environmentOf)).toEqual([inCluster, inCluster, inCluster, inCluster, inCluster]);
  });

  test("is complete in the compose file, which hands on what is said about private addresses", () => {
    const listed = ["pas", "plm", "keys"];
    const given: Record<string, string> = {
      ...SECRETS,
      PLMS_SECRET,
      CATALOG_SECRET,
      PAS_BASE_URL: "http://pas:5000",
      PLM_BASE_URL: "http://plm:5100",
      OUTBOUND_ALLOW_PRIVATE: listed.join(),
    };
    const environmentOf: Deployed = (name) => {
      const written = Object.entries(services[name]?.environment ?? {}).map(([variable, value]) => [
        variable,
        value.replaceAll(/\$\{(\w+)(?::[?-][^}]*)?\}/g, (_, wanted: string) => given[wanted] ?? ""),
      ]);
      return { ...IMAGE, ...Object.fromEntries(written) };
    };
    expect(allowedPrivately(environmentOf)).toEqual([listed, listed, listed, listed, listed]);
    // Whoever takes over one subgraph cannot pose as the gateway to the other.
    for (const [process, own] of Object.entries(OWN_SECRETS)) {
      const { SUBGRAPH_SECRETS, GATEWAY_SUBGRAPH_SECRET } = environmentOf(process as "gateway");
      expect({ SUBGRAPH_SECRETS, GATEWAY_SUBGRAPH_SECRET }).toEqual({
        SUBGRAPH_SECRETS: undefined,
        GATEWAY_SUBGRAPH_SECRET: undefined,
        ...own,
      });
    }
  });
});

const { services } = parse(read("deploy/compose.yaml"), { merge: true }) as {
  services: Record<
    string,
    { read_only?: boolean; cap_drop?: string[]; command: string[]; environment?: Record<string, string> }
  >;
};

describe("the compose file", () => {
  test.each(["gateway", "plms", "catalog", "migrate"])("runs %s read-only and without privileges", (name) => {
    expect(services[name]).toMatchObject({ read_only: true, cap_drop: ["ALL"] });
    expect(read(services[name]?.command[0] ?? "").length).toBeGreaterThan(0);
  });
});

describe("the image", () => {
  const dockerfile = read("deploy/Dockerfile");

  test("is built in stages, runs as nobody and says how it is", () => {
    expect(dockerfile.match(/^FROM /gm)).toHaveLength(2);
    expect(dockerfile).toMatch(/^USER 65532:65532$/m);
    expect(dockerfile).toMatch(/^HEALTHCHECK /m);
    expect(dockerfile).toContain("--ignore-scripts");
  });

  test("copies only what is there", () => {
    const copied = [...dockerfile.matchAll(/\/app\/(\S+) \.\//g)].map(([, path]) => path ?? "");
    expect(copied.length).toBeGreaterThan(5);
    for (const path of copied) expect(readdirSync(new URL("../..", import.meta.url))).toContain(path);
  });
});

describe("alerts and dashboards", () => {
  const rules = parse(read("deploy/prometheus/rules.yaml")) as {
    groups: { rules: { alert: string; expr: string; for: string }[] }[];
  };
  const dashboard = JSON.parse(read("deploy/grafana/lifecycle.json")) as {
    panels: { title: string; targets: { expr: string }[] }[];
  };
  const expressions = [
    ...rules.groups.flatMap((group) => group.rules.map(({ alert, expr }) => [alert, expr] as const)),
    ...dashboard.panels.flatMap(({ title, targets }) => targets.map(({ expr }) => [title, expr] as const)),
  ];
  const known = new Set([...metricsInCode(), ...defaultMetrics()]);

  test.each(expressions)("%s asks for metrics that there are", (_name, expr) => {
    const names = expr
      .replaceAll(/"[^"]*"/g, "")
      .match(/\b[a-z]+(?:_[a-z0-9]+)+\b/g)
      ?.filter((name) => !["histogram_quantile"].includes(name))
      .map((name) => name.replace(/_(bucket|count|sum)$/, ""));
    expect(names?.length).toBeGreaterThan(0);
    for (const name of names ?? []) expect([...known]).toContain(name);
  });

  test("has the alerts of the catalogue that can be told from metrics, and those of the gateway's limits", () => {
    const names = rules.groups.flatMap((group) => group.rules.map(({ alert }) => alert));
    for (const wanted of [
      "PLM_AVAILABILITY",
      "PLM_LATENCY_P95",
      "CIRCUIT_OPEN",
      "USAGE_BACKLOG",
      "RB_ERROR_RATE",
      "RB_LATENCY",
      "GATEWAY_SUPERGRAPH_STALE",
      "GATEWAY_WAITING_BYTES",
    ])
      expect(names).toContain(wanted);
  });

  test.each(rules.groups.flatMap((group) => group.rules.map(({ alert }) => alert)))(
    "has %s, and the runbook says what to do then",
    (alert) => {
      expect(read("docs/runbook.md")).toMatch(
        new RegExp(`^\\| [^|]*\`${alert}\`[^|]*\\| [^|]+ \\| [^|]+ \\|$`, "m"),
      );
    },
  );
});

/** Names that follow `name:` beside a registry in the code that runs. */
function metricsInCode(): string[] {
  const files = ["gateway", "subgraphs", "lib", "db"].flatMap((folder) =>
    (readdirSync(new URL(`../../${folder}`, import.meta.url), { recursive: true }) as string[])
      .filter((file) => file.endsWith(".ts"))
      .map((file) => read(`${folder}/${file}`)),
  );
  return files
    .filter((text) => text.includes("prom-client"))
    .flatMap((text) => [...text.matchAll(/name: "([a-z_]+)"/g)].map(([, name]) => name ?? ""));
}

function defaultMetrics(): string[] {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return registry.getMetricsAsArray().map(({ name }) => name);
}
