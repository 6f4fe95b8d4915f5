import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { insertRun, type InsertedRun } from "../fixtures.ts";
import { postWebhook, receipt, startPlms, type RunningPlms } from "../support.ts";
import { withValue, type Path } from "./arguments.ts";
import * as bound from "./bounds.ts";
import { Literal, type Bound } from "./bounds.ts";

let database: TestDatabase;
let plms: RunningPlms;
let run: InsertedRun;

beforeAll(async () => {
  database = await createTestDatabase();
  plms = await startPlms(database, { env: { RECONCILE_SECONDS: "3600" } });
  run = await insertRun(database);
});
afterAll(async () => {
  await plms.close();
  await database.close();
});

const INT_MAX = 2_147_483_647;
const YEAR_MS = 366 * 24 * 3_600_000;
const LARGEST_BODY = 250_000;

/** Of a type of its own: what comes as text where a number is wanted, and the other way round. */
const ids: Bound = {
  outside: bound.id.outside.concat([{ what: "half a number", value: 1.5 }]),
  inside: [],
};
const statuses = bound.oneOf("succeeded", "failed", "skipped");
const flag: Bound = {
  outside: bound.flag.outside.concat([{ what: "1", value: 1 }]),
  inside: bound.flag.inside,
};

const RECEIPT: Record<string, Bound> = {
  receipt_id: bound.text(256),
  task_id: ids,
  lane_id: bound.laneId,
  provider: bound.text(256),
  tokens: bound.integer(0, INT_MAX),
  duration_ms: bound.number(0, YEAR_MS),
  cost_usd: bound.number(-10_000_000, 10_000_000),
  echo_cos: bound.number(-1, 1),
  status: statuses,
  occurred_at: bound.instant,
};

const TOLD = {
  input_tokens: 10,
  output_tokens: 5,
  cache_read_tokens: 4,
  cache_write_tokens: 3,
  reasoning_tokens: 2,
};
/** Most of what is within these bounds does not fit to the others, so it is tried elsewhere. */
const tokens: Bound = { outside: bound.integer(0, INT_MAX).outside, inside: [] };
const USAGE = Object.fromEntries(Object.keys(TOLD).map((field) => [field, tokens]));

const MESSAGES: Record<string, [path: Path, bound: Bound][]> = {
  receipts: [
    [["run_id"], bound.text(256)],
    [["receipts"], bound.list({}, { least: 1, most: 1000 })],
    ...Object.entries(RECEIPT).map(([field, of]): [Path, Bound] => [["receipts", 0, field], of]),
    ...Object.entries(USAGE).map(([field, of]): [Path, Bound] => [["receipts", 0, "usage", field], of]),
    [["receipts", 0, "usage", "model"], bound.text(256)],
  ],
  completion: [
    [["project_id"], ids],
    [["run_id"], bound.text(256)],
    [["validation_pass"], flag],
    [["completed_at"], bound.instant],
  ],
};

const messages = (): Record<string, object> => ({
  receipts: {
    run_id: run.executorRunId,
    receipts: [receipt({ task_id: run.taskIds[0], usage: { ...TOLD, model: "gpt-4o" } })],
  },
  completion: {
    project_id: run.projectId,
    run_id: run.executorRunId,
    validation_pass: true,
    completed_at: new Date().toISOString(),
  },
});

const cases = Object.entries(MESSAGES).flatMap(([kind, fields]) =>
  fields.map(([path, of]) => [`${kind}: ${path.join(".")}`, kind, path, of] as const),
);

test("every field of a receipt has a bound", () => {
  expect(Object.keys(RECEIPT).toSorted()).toEqual(Object.keys({ task_id: 1, ...receipt() }).toSorted());
});

describe("a signed message is refused for what is out of bounds, and never fails", () => {
  test.each(cases)("%s", async (_title, kind, path, { outside }) => {
    const complaints: string[] = [];
    for (const { what, value } of bound.inDepth(outside)) {
      const body = withValue(messages()[kind], path, value);
      if (value instanceof Literal || JSON.stringify(body).length > LARGEST_BODY) continue;
      // A name of blanks is a name.
      if (value === "   ") continue;
      const { status, body: answer } = await postWebhook(`${plms.url}/webhooks/pas/${kind}`, body);
      const field = String(answer["field"]);
      const isFine = status === 400 && field.startsWith(path.join(".")) && answer["allowed"] !== undefined;
      if (!isFine) complaints.push(`${what}: ${status} ${JSON.stringify(answer).slice(0, 200)}`);
    }
    expect(complaints).toEqual([]);
  });
});

describe("a signed message within bounds is taken, or sent back for what else is wrong", () => {
  test.each(cases)("%s", async (_title, kind, path, { inside }) => {
    const complaints: string[] = [];
    for (const { what, value } of inside) {
      const body = withValue(messages()[kind], path, value);
      const { status, body: answer } = await postWebhook(`${plms.url}/webhooks/pas/${kind}`, body);
      const isOurs = status >= 500 || answer["field"] === path.join(".");
      if (isOurs) complaints.push(`${what}: ${status} ${JSON.stringify(answer).slice(0, 200)}`);
    }
    expect(complaints).toEqual([]);
  });
});
