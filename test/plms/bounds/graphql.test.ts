import { isEnumType, isInputObjectType, isNonNullType, getNamedType } from "graphql";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadSchema } from "../../../subgraphs/plms/schema.ts";
import { depth } from "../../support/depth.ts";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { insertAlert, insertProject, insertRun, type InsertedRun } from "../fixtures.ts";
import { startPlms, type RunningPlms } from "../support.ts";
import { inputPlaces, isBoundedByType, withValue, type InputPlace } from "./arguments.ts";
import { anyTask, BOUNDS } from "./arguments-of-plms.ts";
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
  "Query.projectAlerts": {},
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
