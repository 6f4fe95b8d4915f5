import { isEnumType, isInputObjectType, isNonNullType, getNamedType } from "graphql";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { KPI_NAMES, KPI_OPERATORS } from "../../../subgraphs/plms/domain/kpi.ts";
import { loadSchema } from "../../../subgraphs/plms/schema.ts";
import { depth } from "../../support/depth.ts";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { insertAlert, insertProject, insertRun, type InsertedRun } from "../fixtures.ts";
import { startPlms, type RunningPlms } from "../support.ts";
import { inputPlaces, isBoundedByType, withValue, type InputPlace } from "./arguments.ts";
import * as bound from "./bounds.ts";
import { Literal, shown, type Bound, type Sent } from "./bounds.ts";
import { fieldCaller, type Outcome } from "./calls.ts";

let database: TestDatabase;
let plms: RunningPlms;
let run: InsertedRun;
/** Nothing happens here, so its alert goes on. */
let quietProjectId: string;

beforeAll(async () => {
  database = await createTestDatabase();
  plms = await startPlms(database, { env: { RECONCILE_SECONDS: "3600" } });
  run = await insertRun(database);
  quietProjectId = (await insertProject(database)).id;
  await insertAlert(database, quietProjectId);
});
afterAll(async () => {
  await plms.close();
  await database.close();
});

const INT_MAX = 2_147_483_647;
const USD_MAX = 9_000_000_000;
const YEAR_MINUTES = 366 * 24 * 60;
const MONTH_MS = 30 * 24 * 3_600_000;

const pageSize = bound.integer(1, 100);
const reason = bound.text(500);
const cosine = bound.number(-1, 1);
const anyTask = { name: "A task", laneId: 4200 };

/** What each place takes whose type says too little. */
const BOUNDS: Record<string, Bound> = {
  "Query.project(id:)": bound.nullableId,
  "Query.projects(first:)": pageSize,
  "Query.projects(after:)": bound.cursor,
  "Query.projects(before:)": bound.cursor,
  "Query.projects(search:)": bound.text(200),
  "Query.projects(modelId:)": bound.foreignId(100),
  "Query.projectRun(id:)": bound.nullableId,
  "Query.lanePriors(laneId:)": bound.laneId,
  "Query.lanePriors(provider:)": bound.text(256),
  "Project.tasks(first:)": pageSize,
  "Project.tasks(after:)": bound.cursor,
  "Project.tasks(laneId:)": bound.laneId,
  "Project.runs(first:)": pageSize,
  "Project.runs(after:)": bound.cursor,
  "Project.estimationDrift(laneId:)": bound.laneId,
  "Project.estimationDrift(provider:)": bound.text(256),
  "Project.estimationDrift(last:)": bound.integer(1, 100),
  "LanePrior.history(last:)": bound.integer(1, 100),
  "Model.projects(first:)": pageSize,
  "Model.projects(after:)": bound.cursor,
  "ProjectRun.burnHistory(from:)": bound.past,
  "ProjectRun.burnHistory(to:)": bound.endOfSpan,
  "ProjectRun.burnHistory(points:)": bound.integer(1, 1000),
  "ProjectRun.receipts(first:)": pageSize,
  "ProjectRun.receipts(after:)": bound.cursor,
  "Mutation.startProject(idempotencyKey:)": bound.idempotencyKey,
  "Mutation.startProjects(inputs:)": bound.list({ projectId: "1" }, { least: 1, most: 100 }),
  "Mutation.startProjects(idempotencyKey:)": bound.idempotencyKey,
  "Mutation.pauseRun(runId:)": bound.id,
  "Mutation.resumeRun(runId:)": bound.id,
  "Mutation.runKpiValidators(runId:)": bound.id,
  "Mutation.overrideQuality(runId:)": bound.id,
  "Mutation.overrideQuality(reason:)": reason,
  "Mutation.completeRun(runId:)": bound.id,
  "Mutation.cancelRun(runId:)": bound.id,
  "Mutation.cancelRun(reason:)": reason,
  "Mutation.overrideLane(taskId:)": bound.id,
  "Mutation.overrideLane(laneId:)": bound.laneId,
  "Mutation.overrideLane(reason:)": reason,
  "Mutation.removeLaneOverride(overrideId:)": bound.id,
  "Mutation.updateProjectBudget(projectId:)": bound.id,
  "Mutation.updateProjectBudget(usdMax:)": bound.usd(USD_MAX),
  "Mutation.updateProjectBudget(tokensMax:)": bound.integer(0, INT_MAX),
  "Mutation.updateProjectBudget(warningAt:)": bound.number(0.2, 0.9),
  "Mutation.updateProjectBudget(criticalAt:)": bound.number(0.3, 0.99),
  "Subscription.riskHeatmap(projectId:)": bound.id,
  "Subscription.projectAlert(projectId:)": bound.id,
  "Subscription.budgetRunway(projectId:)": bound.id,
  "Subscription.runProgress(runId:)": bound.id,
  "StartProjectInput.projectId": bound.id,
  "StartProjectInput.budgetTokens": bound.integer(1, INT_MAX),
  "StartProjectInput.budgetDurationMinutes": bound.number(0, YEAR_MINUTES, { aboveLeast: true }),
  "SimulateProjectInput.projectId": bound.id,
  "SimulateProjectInput.rehearsalPct": bound.number(0.001, 0.2),
  "SimulateProjectInput.seed": bound.integer(0, INT_MAX),
  "SetEchoGateInput.projectId": bound.id,
  "SetEchoGateInput.minCos": cosine,
  "SetEchoGateInput.lanes": bound.list({ laneId: 4200, minCos: 0.5 }, { most: 1 }),
  "LaneEchoGateInput.laneId": bound.laneId,
  "LaneEchoGateInput.minCos": cosine,
  "Mutation.defineLanes(lanes:)": bound.list({ id: 9001, name: "Once" }, { least: 1, most: 1 }),
  "LaneInput.id": bound.integer(1, INT_MAX),
  "LaneInput.name": bound.text(200),
  "LaneInput.maxConcurrent": bound.integer(1, 10_000),
  "LaneInput.providers": bound.list({ name: "p", version: "1" }, { most: 1 }),
  "LaneInput.gates": bound.list({ kpi: "readability", operator: "<=", threshold: 12 }, { most: 1 }),
  "LaneProviderInput.name": bound.text(200),
  "LaneProviderInput.version": bound.text(100),
  "CreateProjectInput.name": bound.text(200),
  "CreateProjectInput.prdPath": bound.relativePath(500),
  "CreateProjectInput.products": bound.list({ modelId: "m" }, { most: 50 }),
  "CreateProjectInput.tasks": bound.list(anyTask, { most: 1000 }),
  "BudgetInput.usdMax": bound.usd(USD_MAX),
  "BudgetInput.tokensMax": bound.integer(0, INT_MAX),
  "BudgetInput.warningAt": bound.number(0.2, 0.9),
  "BudgetInput.criticalAt": bound.number(0.3, 0.99),
  "ProductTargetInput.modelId": bound.foreignId(100),
  "ProductTargetInput.trimId": bound.foreignId(100),
  "TaskInput.name": bound.text(200),
  "TaskInput.description": bound.text(2000, { isProse: true }),
  "TaskInput.laneId": bound.laneId,
  "TaskInput.estimatedTokens": bound.integer(0, 100_000_000),
  "TaskInput.estimatedDurationMs": bound.number(0, MONTH_MS),
  "TaskInput.estimatedCostUsd": bound.usd(1_000_000),
  "TaskInput.kpis": bound.list(
    { kpi: "readability", operator: "<=", threshold: 12 },
    { most: KPI_NAMES.length },
  ),
  "KpiGateInput.kpi": bound.oneOf(...KPI_NAMES),
  "KpiGateInput.operator": bound.oneOf(...KPI_OPERATORS),
  "KpiGateInput.threshold": bound.threshold,
};

/** A hotfix may write to a sandbox or not. */
const START = { projectId: "1", runKind: "HOTFIX" };
let keys = 0;
const newKey = () => `bounds-${(keys += 1)}`;

/** A call of each field that says something at each of its places. */
const calls = (): Record<string, Record<string, unknown>> => ({
  "Query.project": { id: run.projectId },
  "Query.projects": {},
  "Query.projectRun": { id: run.id },
  "Query.lanePriors": {},
  "Query.alerts": {},
  "Project.tasks": {},
  "Project.runs": {},
  "Project.metrics": {},
  "Project.estimationDrift": { laneId: 4200 },
  "LanePrior.history": {},
  "Model.projects": {},
  "ProjectRun.burnHistory": { from: "2000-01-01T00:00:00Z" },
  "ProjectRun.receipts": {},
  "Mutation.defineLanes": {
    lanes: [
      {
        id: 9001,
        name: `Lane ${newKey()}`,
        providers: [{ name: `Provider ${newKey()}`, version: "1" }],
        gates: [{ kpi: "readability", operator: "<=", threshold: 12 }],
      },
    ],
  },
  "Mutation.createProject": {
    input: {
      name: "Bounds",
      budget: { warningAt: 0.2, criticalAt: 0.99 },
      products: [{ modelId: "m" }],
      tasks: [{ ...anyTask, kpis: [{ kpi: "readability", operator: "<=", threshold: 12 }] }],
    },
  },
  "Mutation.startProject": { input: START, idempotencyKey: newKey() },
  "Mutation.startProjects": { inputs: [START], idempotencyKey: newKey() },
  "Mutation.pauseRun": { runId: run.id },
  "Mutation.resumeRun": { runId: run.id },
  "Mutation.runKpiValidators": { runId: run.id },
  "Mutation.overrideQuality": { runId: run.id, reason: "Because" },
  "Mutation.completeRun": { runId: run.id, validationPass: true },
  "Mutation.cancelRun": { runId: run.id, reason: "Because" },
  "Mutation.overrideLane": { taskId: run.taskIds[0], laneId: 4200 },
  "Mutation.removeLaneOverride": { overrideId: "1" },
  "Mutation.updateProjectBudget": { projectId: run.projectId, usdMax: 10, warningAt: 0.2, criticalAt: 0.99 },
  "Mutation.simulateProject": { input: { projectId: run.projectId } },
  "Mutation.setEchoGate": { input: { projectId: run.projectId, lanes: [{ laneId: 4200, minCos: 0.5 }] } },
  "Subscription.riskHeatmap": { projectId: run.projectId },
  "Subscription.projectAlert": { projectId: quietProjectId },
  "Subscription.budgetRunway": { projectId: run.projectId },
  "Subscription.runProgress": { runId: run.id },
});

const schema = loadSchema(async () => undefined);
/** `_entities` is the gateway's alone, which asks it in its own words. */
const places = inputPlaces(schema).filter(({ field }) => !field.includes("._"));
const titled = places.map(
  (place) =>
    [place.path.length > 1 ? `${place.field}: ${place.coordinate}` : place.coordinate, place] as const,
);

const call = (field: string, values: Record<string, unknown>): Promise<Outcome> =>
  fieldCaller(plms, schema, {
    LanePrior: (selection) => `lanePriors(laneId: 4200) { ${selection} }`,
    Project: (selection) => `project(id: "${run.projectId}") { ${selection} }`,
    ProjectRun: (selection) => `projectRun(id: "${run.id}") { ${selection} }`,
    Model: (selection) =>
      `_entities(representations: [{ __typename: "Model", id: "m" }]) { ... on Model { ${selection} } }`,
  })(field, values);

function boundOf({ coordinate, type }: InputPlace): Bound {
  const nulls: Sent[] = [{ what: "null", value: null }];
  const known = BOUNDS[coordinate] ?? boundOfType(type);
  return isNonNullType(type)
    ? { ...known, outside: [...known.outside, ...nulls] }
    : { ...known, inside: [...known.inside, ...nulls] };
}

function boundOfType(type: InputPlace["type"]): Bound {
  const named = getNamedType(type);
  if (isEnumType(named)) return bound.oneOf(...named.getValues().map(({ name }) => name));
  if (isInputObjectType(named)) {
    const strange = ["text", 5, true, { unheardOf: 1 }, [[]]];
    return { outside: strange.map((value) => ({ what: shown(value), value })), inside: [] };
  }
  return bound.flag;
}

test("every argument and input field has a bound, and no bound is of something else", () => {
  const needed = places.filter(({ type }) => !isBoundedByType(type)).map(({ coordinate }) => coordinate);
  const sorted = (names: Iterable<string>) => [...new Set(names)].toSorted((a, b) => a.localeCompare(b));
  expect(sorted(Object.keys(BOUNDS))).toEqual(sorted(needed));
  expect(sorted(Object.keys(calls()))).toEqual(sorted(places.map(({ field }) => field)));
});

describe("what is out of bounds is refused in words that help", () => {
  test.each(titled)("%s", async (_title, place) => {
    const { outside, isId = false } = boundOf(place);
    const complaints: string[] = [];
    for (const { what, value } of bound.inDepth(outside)) {
      const base = calls()[place.field] ?? {};
      for (const sent of waysToSay(value)) {
        const values = withValue(base, place.path, sent) as Record<string, unknown>;
        const complaint = complaintAbout(await call(place.field, values), { place, value: sent, isId });
        if (complaint)
          complaints.push(`${what}${sent instanceof Literal ? " (written out)" : ""}: ${complaint}`);
      }
    }
    expect(complaints).toEqual([]);
  });
});

describe("what is within bounds is not", () => {
  test.each(titled)("%s", async (_title, place) => {
    const complaints: string[] = [];
    for (const { what, value } of boundOf(place).inside) {
      const values = withValue(calls()[place.field] ?? {}, place.path, value) as Record<string, unknown>;
      const { refusal } = await call(place.field, values);
      const isOurs =
        refusal?.code === "INTERNAL" || new RegExp(`\\b${nameOf(place)}(:|")`).test(refusal?.message ?? "");
      if (isOurs) complaints.push(`${what}: ${refusal?.code} ${refusal?.message.slice(0, 200)}`);
    }
    expect(complaints).toEqual([]);
  });
});

const nameOf = ({ path }: InputPlace): string => String(path.findLast((step) => typeof step === "string"));

/** As a variable and, in the full run, written out in the document; what is too deep for either is said in the other way. */
function waysToSay(value: unknown): unknown[] {
  if (value instanceof Literal || value === bound.DEEP) return [value];
  return [value, new Literal(JSON.stringify(value))].slice(0, depth(1, 2));
}

const LONGEST_MESSAGE = 1_000;
const SAYS_WHAT_IS_ALLOWED =
  /expected|cannot represent|cannot be |does not exist|must not be null|not provided|is not defined/i;

/** What is wrong with a refusal, or with there being none. */
function complaintAbout(
  { refusal }: Outcome,
  { place, value, isId }: { place: InputPlace; value: unknown; isId: boolean },
): string | undefined {
  if (!refusal) return "was let through";
  const { code, message, allowed, located } = refusal;
  const told = `${code} ${message.slice(0, 200)}`;
  if (code !== "BAD_USER_INPUT" && !(isId && code === "NOT_FOUND")) return `is ${told}`;
  if (message.length > LONGEST_MESSAGE) return `is told in ${message.length} characters: ${told}`;
  // What graphql-js finds in a document it shows by its position, if it can read the document at all.
  if (value instanceof Literal && (located || message.includes("nested too deeply"))) return undefined;
  if (code === "NOT_FOUND")
    return message.includes(excerptOf(value)) ? undefined : `does not say which: ${told}`;
  if (!message.includes(nameOf(place))) return `does not name the field: ${told}`;
  if (!message.includes(excerptOf(value))) return `does not show the value: ${told}`;
  if (allowed === null && !SAYS_WHAT_IS_ALLOWED.test(message)) return `does not say what is allowed: ${told}`;
  return undefined;
}

/** The beginning of a value as messages show it; of objects and lists they show other things. */
const excerptOf = (value: unknown): string =>
  typeof value === "object" ? "" : (JSON.stringify(value) ?? "").slice(0, 12).replace(/"$/, "");
