import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { insertRun, type InsertedRun } from "../fixtures.ts";
import { openApi, tokenOf } from "../rest/client.ts";
import { startPlms, type RunningPlms } from "../support.ts";
import * as bound from "./bounds.ts";
import { Literal, type Bound, type Sent } from "./bounds.ts";

let database: TestDatabase;
let plms: RunningPlms;
let run: InsertedRun;
let authorization: string;

beforeAll(async () => {
  database = await createTestDatabase();
  plms = await startPlms(database, { env: { RECONCILE_SECONDS: "3600" } });
  run = await insertRun(database);
  authorization = `Bearer ${await tokenOf()}`;
});
afterAll(async () => {
  await plms.close();
  await database.close();
});

const INT_MAX = 2_147_483_647;
const YEAR_MINUTES = 366 * 24 * 60;

const sent = (values: readonly string[]): Sent[] =>
  values.map((value) => ({ what: value.length > 40 ? `${value.length} characters` : `"${value}"`, value }));

const NO_NUMBERS = sent([
  "",
  "NaN",
  "Infinity",
  "1e999",
  "0x10",
  "0,01",
  " 0.01",
  "0.01 or 1=1",
  "9".repeat(5000),
]);
const twice = (value: string): Sent => ({ what: "twice", value: [value, value] });

/** Ids as they stand in a path; an empty one is another path. */
const inPath: Bound = {
  isId: true,
  outside: sent(["0", "-1", "1e3", "٣", "9".repeat(18), "9".repeat(19), "..", "\0", "a/b", "x".repeat(5000)]),
  inside: [],
};
const rehearsalPct: Bound = {
  outside: [...sent(["0", "-0.01", "0.000999", "0.2001", "1", "1e300"]), ...NO_NUMBERS, twice("0.01")],
  inside: sent(["0.001", "0.2", "1e-2"]),
};
const queryFlag: Bound = {
  outside: [...sent(["", "2", "yes", "TRUE", "null", "x".repeat(5000)]), twice("1")],
  inside: sent(["0", "1", "true", "false"]),
};
const laneId: Bound = {
  outside: [...sent(["0", "-1", "1", "999999", "4200.5", "1e300"]), ...NO_NUMBERS, twice("4200")],
  inside: sent(["4200"]),
};
const idempotencyKey: Bound = {
  outside: sent(["", '""', "x".repeat(256), `"${"x".repeat(256)}"`, "clé"]),
  inside: sent(["k", "x".repeat(255), `"${"x".repeat(255)}"`, String.raw`"a \"quote\""`]),
};
/** Where a client left off; what is no version of ours is no help, and no harm. */
const lastEventId: Bound = { outside: [], inside: sent(["0", "nonsense", "x".repeat(5000)]) };

const isLiteral = (value: unknown) => value instanceof Literal;
const START = "post /api/projects/{id}/start";
const SIMULATE = "post /api/projects/{id}/simulate";

/** By operation, place and name. */
const BOUNDS: Record<string, Bound> = {
  [`${START} path.id`]: inPath,
  [`${START} header.Idempotency-Key`]: idempotencyKey,
  [`${START} body.run_kind`]: bound.oneOf("baseline", "rehearsal", "replay", "hotfix"),
  [`${START} body.write_sandbox`]: bound.flag,
  [`${START} body.allow_concurrent`]: bound.flag,
  [`${START} body.budget_tokens`]: bound.without(bound.integer(1, INT_MAX), isLiteral),
  [`${START} body.budget_duration_minutes`]: bound.without(
    bound.number(0, YEAR_MINUTES, { aboveLeast: true }),
    isLiteral,
  ),
  [`${SIMULATE} path.id`]: inPath,
  [`${SIMULATE} query.rehearsal_pct`]: rehearsalPct,
  [`${SIMULATE} query.write_sandbox`]: queryFlag,
  "get /api/projects/{id}/metrics path.id": inPath,
  "get /api/projects/{id}/metrics query.with_ci": queryFlag,
  "get /api/projects/{id}/lane-overrides path.id": inPath,
  "get /api/projects/{id}/risk-heatmap path.id": inPath,
  "get /api/projects/{id}/estimation-drift path.id": inPath,
  "get /api/projects/{id}/estimation-drift query.lane_id": laneId,
  "get /api/projects/{id}/budget-runway path.id": inPath,
  "get /api/projects/{id}/budget-runway/stream path.id": inPath,
  "get /api/projects/{id}/budget-runway/stream header.Last-Event-ID": lastEventId,
  "get /api/projects/{id}/runs/{run_id}/replay-passport path.id": inPath,
  "get /api/projects/{id}/runs/{run_id}/replay-passport path.run_id": inPath,
};

interface Place {
  method: string;
  path: string;
  in: string;
  name: string;
}

interface Described {
  parameters?: { in: string; name: string }[];
  requestBody?: { content: Record<string, { schema: { $ref: string } }> };
}

/** Every parameter and every field of every body of the document. */
const places: Place[] = Object.entries(openApi.paths).flatMap(([path, operations]) =>
  Object.entries(operations as Record<string, Described>).flatMap(
    ([method, { parameters = [], requestBody }]) => [
      ...parameters.map(({ in: where, name }) => ({ method, path, in: where, name })),
      ...bodyFields(requestBody).map((name) => ({ method, path, in: "body", name })),
    ],
  ),
);

function bodyFields(body: Described["requestBody"]): string[] {
  const reference = body?.content["application/json"]?.schema.$ref.split("/").at(-1) ?? "";
  const schemas = openApi.components.schemas as Record<string, { properties: object }>;
  return Object.keys(schemas[reference]?.properties ?? {});
}

const keyOf = ({ method, path, in: where, name }: Place): string => `${method} ${path} ${where}.${name}`;
const titled = places.map((place) => [keyOf(place), place] as const);

interface Answer {
  status: number;
  problem: Record<string, unknown>;
}

/** Asks as the document says, with one value of our own. */
async function ask(place: Place, value: unknown): Promise<Answer> {
  const values = {
    id: run.projectId,
    run_id: run.executorRunId,
    [place.in === "path" ? place.name : ""]: value,
  };
  const path = place.path.replaceAll(/\{(\w+)\}/g, (_all, name: "id" | "run_id") =>
    encodeURIComponent(values[name]),
  );
  const url = new URL(path, plms.url);
  if (path.includes("estimation-drift")) url.searchParams.set("lane_id", "4200");
  if (place.in === "query") {
    url.searchParams.delete(place.name);
    for (const one of [value].flat()) url.searchParams.append(place.name, String(one));
  }
  const headers = new Headers({ authorization, "idempotency-key": randomUUID() });
  if (place.in === "header") headers.set(place.name, String(value));
  const isPost = place.method === "post";
  if (isPost) headers.set("content-type", "application/json");
  const body = JSON.stringify({
    run_kind: "hotfix",
    allow_concurrent: true,
    ...(place.in === "body" && { [place.name]: value }),
  });
  const leaving = new AbortController();
  const request = { method: place.method, headers, signal: leaving.signal, ...(isPost && { body }) };
  const response = await fetch(url, request);
  const isStream = response.headers.get("content-type")?.startsWith("text/event-stream") === true;
  const problem = isStream ? {} : ((await response.json()) as Record<string, unknown>);
  leaving.abort();
  return { status: response.status, problem };
}

test("every parameter and every field of a body has a bound, and no bound is of something else", () => {
  const sorted = (names: readonly string[]) => names.toSorted((a, b) => a.localeCompare(b));
  expect(sorted(Object.keys(BOUNDS))).toEqual(sorted(places.map(keyOf)));
});

describe("what is out of bounds is refused in words that help", () => {
  test.each(titled)("%s", async (key, place) => {
    const complaints: string[] = [];
    for (const { what, value } of bound.inDepth(BOUNDS[key]?.outside ?? [])) {
      const complaint = complaintAbout(await ask(place, value), { place, value });
      if (complaint) complaints.push(`${what}: ${complaint}`);
    }
    expect(complaints).toEqual([]);
  });

  test.each<[string, RequestInit, number]>([
    ["a list", { body: "[]" }, 400],
    ["a number", { body: "5" }, 400],
    ["no JSON", { body: "{" }, 400],
    ["a hundred thousand lists in each other", { body: "[".repeat(100_000) + "]".repeat(100_000) }, 400],
    ["a prototype", { body: '{"__proto__":{"run_kind":"hotfix"}}' }, 400],
    ["two megabytes", { body: JSON.stringify({ run_kind: "x".repeat(2_000_000) }) }, 413],
    ["another type of content", { body: "<a/>", headers: { "content-type": "text/xml" } }, 415],
  ])("a body that is %s", async (_what, init, status) => {
    const response = await fetch(`${plms.url}/api/projects/${run.projectId}/start`, {
      method: "POST",
      ...init,
      headers: {
        "content-type": "application/json",
        authorization,
        "idempotency-key": randomUUID(),
        ...(init.headers as Record<string, string> | undefined),
      },
    });
    expect({ status: response.status, ...((await response.json()) as object) }).toMatchObject({
      status,
      title: "BAD_USER_INPUT",
      detail: expect.any(String),
    });
  });
});

describe("what is within bounds is not", () => {
  test.each(titled)("%s", async (key, place) => {
    const complaints: string[] = [];
    for (const { what, value } of BOUNDS[key]?.inside ?? []) {
      const { status, problem } = await ask(place, value);
      // The executor is away, which is what a start is told when all is well with it.
      const isFine = status === 200 || status === 503;
      if (!isFine) complaints.push(`${what}: ${status} ${JSON.stringify(problem).slice(0, 200)}`);
    }
    expect(complaints).toEqual([]);
  });
});

/** What is wrong with a refusal, or with there being none. */
function complaintAbout(
  answer: Answer,
  { place, value }: { place: Place; value: unknown },
): string | undefined {
  const told = `${answer.status} ${JSON.stringify(answer.problem).slice(0, 2_000)}`;
  if (told.length > 1_000) return `is told in ${told.length} characters: ${told}`;
  const complaint = place.in === "path" ? aboutId(answer) : aboutField(answer, { place, value });
  return complaint && `${complaint}: ${told}`;
}

const aboutId = ({ status, problem }: Answer): string | undefined =>
  (status === 404 && problem["title"] === "NOT_FOUND") || status === 414
    ? undefined
    : "does not say that there is no such thing";

function aboutField(
  { status, problem }: Answer,
  { place, value }: { place: Place; value: unknown },
): string | undefined {
  const expected = place.path.endsWith("/simulate") ? 422 : 400;
  if (status !== expected || problem["title"] !== "BAD_USER_INPUT") return "is not refused";
  const field = place.name.toLowerCase().replaceAll("-", "_");
  const detail = String(problem["detail"]);
  if (problem["field"] !== field || !detail.toLowerCase().replaceAll("-", "_").includes(field))
    return "does not name the field";
  const excerpt = typeof value === "string" ? value.replaceAll('"', "").slice(0, 10) : "";
  const shown = [JSON.stringify(excerpt).slice(1, -1), String(Number(excerpt))];
  if (!shown.some((text) => detail.includes(text))) return "does not show the value";
  return typeof problem["allowed"] === "string" ? undefined : "does not say what is allowed";
}
