import { expect } from "vitest";
import { type Json, startPartner } from "../support.ts";
import { parseConfiguration } from "../../../../subgraphs/catalog/plm/adapters/partner/configuration-payload.ts";
import { writeBill } from "../../../../subgraphs/catalog/legacy/adapters/import-bill.ts";
import { inSteps } from "../../../../lib/in-steps.ts";
import { connectTo } from "../../support.ts";
import type { TestDatabase } from "../../../support/database.ts";
import { waitFor } from "../../../../lib/wait.ts";
import { checkPartner } from "../../../../subgraphs/catalog/plm/operations/check-partner.ts";
import type { World } from "./translate.ts";

/** How somebody's data fared. */
export interface Travelled {
  models: number;
  trims: number;
  /** Lines of the bills that were looked at, with the deepest level. */
  lines: number;
  levels: number;
  orders: number;
  /** Differences that the shadow found. */
  differences: number;
  /** What the check of the partner's server calls bad. */
  bad: readonly string[];
  /** Places of records and fields that were not taken. */
  leftovers: readonly string[];
}

const MODELS = `query ($after: String) { models(first: 100, after: $after) { totalCount pageInfo { hasNextPage endCursor }
  edges { node { id code trims { id code } provenance { source } } } } }`;
const BOM = `query ($id: ID!, $after: String) { model(id: $id) { bom { revision problems { place }
  flatLines(first: 1000, after: $after) { pageInfo { hasNextPage endCursor }
    edges { node { level kind partNumber exactQuantity { value unit } } } } } } }`;
const ORDER = `query ($id: ID!) { workOrder(id: $id) { versionNumber options { code name quantity { value unit } }
  versions(first: 10) { edges { node { number payload payloadSha256 dataSource } } } } }`;
const RESULT = "{ __typename ... on UserError { code message } }";

interface Shown {
  id: string;
  code: string;
  trims: { id: string; code: string }[];
}

/**
 * Takes somebody's data all the way: checked, read, ordered, kept although the PLM changes it, restored, compared in the
 * shadow, judged by the gate. What is read is held against the data itself, line by line.
 *
 * @param codes models that are looked at line by line and ordered
 */
export async function travel(
  database: TestDatabase,
  world: World,
  codes: readonly string[],
): Promise<Travelled> {
  const partner = await startPartner(database, world, { PLM_DEADLINE_MS: "60000", PLM_BODY_LIMIT_MB: "64" });
  const bad: string[] = [];
  for await (const { verdict, text } of checkPartner(
    connectTo(partner.baseUrl, { deadlineMs: 60_000 }),
    "check",
  ))
    if (verdict === "bad") bad.push(text);
  const shown = await readModels(partner);
  const travelled = { lines: 0, levels: 0, orders: 0 };
  const looked = codes.map((code) => found(shown, code));
  for (const model of looked) {
    const configuration = world.configurations[`model-${model.code}`] ?? {};
    const read = await readLines(partner, model.id);
    expect(read).toEqual(linesOf(configuration));
    travelled.lines += read.length;
    travelled.levels = Math.max(travelled.levels, ...read.map(({ level }) => level - 2));
    travelled.orders += await orderAndRestore(partner, model, configuration);
  }
  const differences = await shadow(partner, { database, looked, world });
  const { data } = await partner.ask("{ plmLeftovers(first: 100) { kind subject place } }");
  return {
    models: shown.length,
    trims: shown.reduce((count, { trims }) => count + trims.length, 0),
    ...travelled,
    differences,
    bad,
    leftovers: data.plmLeftovers.map(
      ({ kind, subject, place }: Record<string, string>) => `${kind} ${subject}: ${place}`,
    ),
  };
}

type Partner = Awaited<ReturnType<typeof startPartner>>;

async function readModels(partner: Partner): Promise<Shown[]> {
  const models: Shown[] = [];
  for (let after: string | undefined, isMore = true; isMore;) {
    const { data, errors } = await partner.ask(MODELS, { after });
    expect(errors).toBeUndefined();
    const { edges, pageInfo } = data.models;
    for (const { node } of edges) if (node.provenance.source !== "MRP") models.push(node);
    ({ hasNextPage: isMore, endCursor: after } = pageInfo);
  }
  return models;
}

interface Line {
  level: number;
  partNumber: string | null;
  exactQuantity: { value: string; unit: string };
}

async function readLines(partner: Partner, id: string): Promise<Line[]> {
  const lines: Line[] = [];
  for (let after: string | undefined, isMore = true; isMore;) {
    const { data, errors } = await partner.ask(BOM, { id, after });
    expect(errors).toBeUndefined();
    expect(data.model.bom).toMatchObject({ revision: expect.any(Number), problems: [] });
    const { edges, pageInfo } = data.model.bom.flatLines;
    for (const { node } of edges) {
      const { kind, ...line } = node;
      if (kind === "OPTION" || kind === "PART") lines.push(line);
    }
    ({ hasNextPage: isMore, endCursor: after } = pageInfo);
  }
  return lines;
}

/** Numbers and texts as text; whatever else counts as not told. */
const textOr = <T>(value: unknown, missing: T): string | T =>
  (typeof value === "string" && value !== "") || typeof value === "number" ? String(value) : missing;

/** The lines that a configuration has in the words of the contract, worked out without the catalogue. */
function linesOf(configuration: Json): Line[] {
  const below = (parts: readonly Json[], level: number): Line[] =>
    parts.flatMap((part) => [
      {
        level,
        partNumber: textOr(part["partNumber"], null),
        exactQuantity: { value: textOr(part["quantity"], "1"), unit: textOr(part["unit"], "C62") },
      },
      ...below((part["parts"] as Json[] | undefined) ?? [], level + 1),
    ]);
  return optionsOf(configuration).flatMap((option) => below([option], 3));
}

const optionsOf = (configuration: Json): Json[] =>
  ((configuration["sections"] as Json[] | undefined) ?? [])
    .flatMap((section) => section["components"] as Json[])
    .flatMap((component) => component["options"] as Json[]);

/** Orders a model, changes it at the PLM, and makes the order what it was. */
async function orderAndRestore(partner: Partner, model: Shown, configuration: Json): Promise<number> {
  const [trim] = model.trims;
  const created = await partner.create({ modelId: model.id, ...(trim && { trimId: trim.id }) });
  const defaults = optionsOf(configuration).filter((option) => option["default"] === true);
  if (optionsOf(configuration).length === 0) {
    // Nothing is built of nothing.
    expect(created).toMatchObject({ __typename: "Conflict" });
    return 0;
  }
  expect(created).toMatchObject({ __typename: "WorkOrderSuccess", workOrder: { dataSource: "PLM" } });
  const { id } = created.workOrder;
  const before = await readOrder(partner, id);
  expect(before.options.map(({ code }: { code: string }) => code)).toEqual(defaults.map(({ code }) => code));
  const [option] = optionsOf(configuration);
  expect(JSON.stringify(before.versions.edges[0].node.payload)).toContain(JSON.stringify(option?.["id"]));

  const key = `model-${model.code}`;
  const changed = JSON.parse(JSON.stringify(configuration), (name, value: unknown) =>
    name === "name" ? `${String(value)} (changed)` : value,
  ) as Json;
  partner.data.configurations[key] = changed;
  await partner.administer("mutation { invalidatePlmCache }");
  await waitFor(async () => {
    const { data } = await partner.ask("query ($id: ID!) { features(modelId: $id) { name } }", {
      id: model.id,
    });
    return data?.features?.[0]?.name.endsWith("(changed)") === true;
  });
  expect(await readOrder(partner, id)).toEqual(before);
  const update = `mutation ($id: ID!) { updateWorkOrder(input: { id: $id, qty: 7 }) ${RESULT} }`;
  const restore = `mutation ($id: ID!) {
    restoreWorkOrder(id: $id, versionNumber: 1, reason: "as it was") ${RESULT} }`;
  for (const mutation of [update, restore]) {
    const { data, errors } = await partner.supervise(mutation, { id });
    expect(errors).toBeUndefined();
    expect(Object.values(data)).toMatchObject([{ __typename: "WorkOrderSuccess" }]);
  }
  const restored = await readOrder(partner, id);
  expect(restored.options).toEqual(before.options);
  expect(restored.versionNumber).toBe(3);
  partner.data.configurations[key] = configuration;
  await partner.administer("mutation { invalidatePlmCache }");
  return 1;
}

// oxlint-disable-next-line typescript/no-explicit-any -- the journey says what it expects
async function readOrder(partner: Partner, id: string): Promise<any> {
  const { data, errors } = await partner.supervise(ORDER, { id });
  expect(errors).toBeUndefined();
  return data.workOrder;
}

interface Compared {
  database: TestDatabase;
  world: World;
  looked: readonly Shown[];
}

/**
 * Compares the PLM with the MRP: a model that the MRP has never heard of is a difference, one whose bill was imported
 * there is none, and the gate names what stands in the way.
 */
async function shadow(partner: Partner, { database, world, looked }: Compared): Promise<number> {
  const { errors } = await partner.administer(
    'mutation { setPlmMode(input: { mode: SHADOW, reason: "compare" }) { __typename } }',
  );
  expect(errors).toBeUndefined();
  const imported = await importBills(database, world, looked);
  await waitFor(
    async () => {
      await partner.ask("{ models { totalCount } }");
      for (const { id } of looked)
        await partner.ask("query ($id: ID!) { features(modelId: $id) { id } }", { id });
      const { data } = await partner.ask("{ shadowDiffs { totalCount } migrationGate { samples blocking } }");
      const said: string = data.migrationGate.blocking.join("; ");
      const isCompared = imported.every(({ code }) => !said.includes(code));
      return data.shadowDiffs.totalCount > 0 && data.migrationGate.samples > 0 && isCompared;
    },
    { timeoutMs: 60_000 },
  );
  const { data } = await partner.ask(`{ migrationGate { phase isMet blocking }
    shadowDiffs(first: 100) { totalCount edges { node { path } } } }`);
  expect(data.migrationGate).toMatchObject({ phase: "ENABLE", isMet: false });
  expect(data.migrationGate.blocking.join("; ")).not.toContain("failed");
  const paths: string[] = data.shadowDiffs.edges.map(({ node }: { node: { path: string } }) => node.path);
  for (const { code } of imported) expect(paths.filter((path) => path.startsWith(`${code}.bom`))).toEqual([]);
  return data.shadowDiffs.totalCount;
}

/** Writes the bills of the models that have nothing to choose into the MRP's tables. */
async function importBills({ db }: TestDatabase, world: World, looked: readonly Shown[]): Promise<Shown[]> {
  const bills = looked.filter(({ code }) =>
    optionsOf(world.configurations[`model-${code}`] ?? {}).some((option) => option["required"] === true),
  );
  for (const { code } of bills) {
    const body = { schemaVersion: "1", data: world.configurations[`model-${code}`] };
    const { configuration } = await inSteps(parseConfiguration(body, new Map()));
    const parts = configuration.sections[0]?.components[0]?.options ?? [];
    const target = { modelCode: code, modelName: undefined, sectionCode: "BOM", replace: false };
    await writeBill(db, { parts, target, isTrial: false });
  }
  return bills;
}

function found(shown: readonly Shown[], code: string): Shown {
  const model = shown.find((candidate) => candidate.code === code);
  if (!model) throw new Error(`the catalogue does not have ${code}`);
  return model;
}
