import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { isFull } from "../support/depth.ts";

const folder = new URL("../../deploy/kubernetes/", import.meta.url);

interface Metric {
  type: string;
  pods?: { metric: { name: string } };
}
interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string };
  data?: Record<string, string>;
  spec?: { scaleTargetRef?: { kind: string; name: string }; minReplicas?: number; metrics?: Metric[] };
}

const manifests = readdirSync(folder).flatMap((file) =>
  parseAllDocuments(readFileSync(new URL(file, folder), "utf8")).map(
    (document) => [`${file}: ${(document.toJS() as Manifest).kind}`, document.toJS() as Manifest] as const,
  ),
);

interface Problem {
  instancePath: string;
  keyword: string;
  params: Record<string, unknown>;
}
type Validate = ((manifest: unknown) => boolean) & { errors?: Problem[] | null };
const load = createRequire(import.meta.url);
// It is no part of npm ci; in full only, so that nobody who just tests the product waits for it.
if (isFull) (load("../../tools/install.cjs") as () => void)();
const schemas = join(import.meta.dirname, "../../tools/node_modules/kubernetes-models/_schemas");
const capital = (text: string) => `${text[0]?.toUpperCase()}${text.slice(1)}`;

/** What kubernetes-models has made of the OpenAPI document of Kubernetes, for the kind that a manifest names. */
function validatorOf({ apiVersion, kind }: Manifest): Validate {
  const [version = "", group = "core"] = apiVersion.split("/").toReversed();
  const name = `IoK8sApi${capital(group)}${capital(version)}${kind}`;
  return (load(`${schemas}/${name}.js`) as { validate: Validate }).validate;
}

/** @throws Error that says where a manifest is not what Kubernetes takes */
function validate(manifest: Manifest): void {
  const validator = validatorOf(manifest);
  const read = new Set<string>();
  if (!validator(watched(manifest, "", read)))
    throw new Error(
      validator.errors
        ?.map(({ instancePath, keyword, params }) => `${instancePath}: ${keyword} ${JSON.stringify(params)}`)
        .join("; "),
    );
  const unknown = pathsOf(manifest, "").filter((path) => !read.has(path));
  if (unknown.length > 0) throw new Error(`Kubernetes knows no ${unknown.join(", ")}`);
}

/** The same value; what is read of it is noted, as validation reads every field that there is and no other. */
function watched(value: unknown, path: string, read: Set<string>): unknown {
  if (typeof value !== "object" || value === null) return value;
  return new Proxy(value, {
    get: (target, name) => {
      if (typeof name === "string") read.add(`${path}/${name}`);
      return watched(Reflect.get(target, name), `${path}/${String(name)}`, read);
    },
  });
}

function pathsOf(value: unknown, path: string): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => [
    `${path}/${name}`,
    ...pathsOf(inner, `${path}/${name}`),
  ]);
}

describe.runIf(isFull)("the Kubernetes manifests", () => {
  test.each(manifests)("%s is what the API of Kubernetes takes", (_name, manifest) => {
    expect(() => validate(manifest)).not.toThrow();
  });

  test.each([
    ["a wrong type", { maxReplicas: "3" }, /maxReplicas: type {"type":"integer"}/],
    ["a field that there is not", { maxReplica: 3 }, /knows no \/spec\/maxReplica$/],
    [
      "a field that is missing",
      { metrics: [{ type: "Pods", pods: { metric: { name: "a" } } }] },
      /"missingProperty":"target"/,
    ],
  ])("are refused with %s", (_what, wrong, problem) => {
    const [, known] = manifests.find(([, { kind }]) => kind === "HorizontalPodAutoscaler") ?? [];
    expect(() => validate({ ...known, spec: { ...known?.spec, ...wrong } } as Manifest)).toThrow(problem);
  });
});

describe("scaling", () => {
  const scalers = manifests.map(([, one]) => one).filter(({ kind }) => kind === "HorizontalPodAutoscaler");
  const adapter = manifests.map(([, one]) => one).find(({ data }) => data?.["config.yaml"]);
  const { rules } = parse(adapter?.data?.["config.yaml"] ?? "") as {
    rules: { seriesQuery: string; name: { as: string } }[];
  };

  test("is there for every process, from two on", () => {
    const deployments = manifests
      .filter(([, { kind }]) => kind === "Deployment")
      .map(([, one]) => one.metadata.name);
    expect(new Set(scalers.map(({ spec }) => spec?.scaleTargetRef?.name))).toEqual(new Set(deployments));
    for (const { spec } of scalers) expect(spec?.minReplicas).toBeGreaterThanOrEqual(2);
  });

  test("goes by signals that the adapter makes of metrics, and each of those is wanted", () => {
    const wanted = scalers.flatMap(
      ({ spec }) => spec?.metrics?.flatMap(({ pods }) => pods?.metric.name ?? []) ?? [],
    );
    expect(rules.map(({ name }) => name.as).sort()).toEqual(wanted.sort());
  });

  test.each(rules.map(({ seriesQuery }) => seriesQuery.split("{")[0] ?? ""))(
    "reads %s, which there is",
    (series) => {
      const sources = ["gateway/subscriptions/metrics.ts", "subgraphs/plms/adapters/metrics.ts"];
      const texts = sources.map((file) => readFileSync(new URL(`../../${file}`, import.meta.url), "utf8"));
      expect(texts.join()).toContain(`"${series}"`);
    },
  );
});
