import { z } from "zod";
import type { Log } from "../../../../lib/log.ts";
import { corpusBleu } from "../../domain/bleu.ts";
import { columnDifferences, KPIS, relativeDelta, type KpiName } from "../../domain/kpi.ts";
import { fleschKincaidGrade } from "../../domain/readability.ts";
import type { Documents } from "../../operations/control-ports.ts";
import { NotMeasurable, type KpiValidator, type Measurement } from "../../operations/kpi-ports.ts";
import type { Graph } from "./graph.ts";
import type { InspectedDatabase } from "./inspected-database.ts";
import { jsonOf, parseJsonReport, parseJUnit, parseLintReport, type TestReport } from "./reports.ts";
import { discreet, type KpiSources } from "./sources.ts";

export interface KpiValidatorOptions extends KpiSources {
  /** Longest time that any measurement may take. */
  longestMs: number;
  log: Log;
}

const MOST_TABLES = 50;
const MOST_TEXTS = 10_000;

/** The seven validators; each reads the file of its own name in the folder that it is given. */
export function createKpiValidators(options: KpiValidatorOptions): ReadonlyMap<KpiName, KpiValidator> {
  const { longestMs, log } = options;
  const { documents, database, graph } = discreet(options, log);
  const needsFiles = documents ? null : "ARTIFACTS_DIR is not configured";
  const needsDatabase = needsFiles ?? (database ? null : "KPI_DATABASE_URL is not configured");
  const needsGraph = needsFiles ?? (graph ? null : "NEO4J_URL is not configured");
  const read = createReader(documents);
  const validators: readonly Omit<KpiValidator, "timeoutMs">[] = [
    {
      name: "test_pass_rate",
      missing: needsFiles,
      measure: async (folder) => testPassRate(await report(read, folder)),
    },
    {
      name: "linter_pass",
      missing: needsFiles,
      measure: async (folder) => linterPass(parseLintReport(await read(folder, "linter_pass.json"))),
    },
    {
      name: "schema_diff",
      missing: needsDatabase,
      measure: (folder) => schemaDiff(folder, { read, database }),
    },
    {
      name: "row_count_delta",
      missing: needsDatabase,
      measure: (folder) => rowCountDelta(folder, { read, database }),
    },
    {
      name: "graph_edge_count_delta",
      missing: needsGraph,
      measure: (folder, signal) => edgeCountDelta(folder, { read, graph, signal }),
    },
    {
      name: "bleu_score",
      missing: needsFiles,
      measure: async (folder) => bleu(await read(folder, "bleu_score.json")),
    },
    {
      name: "readability",
      missing: needsFiles,
      measure: async (folder) => readability(await read(folder, "readability.md", "readability.txt")),
    },
  ];
  return new Map(
    validators.map((validator) => {
      const timeoutMs = Math.min(KPIS[validator.name].timeoutMs, longestMs);
      return [validator.name, { ...validator, timeoutMs }];
    }),
  );
}

type Read = (folder: string, ...names: string[]) => Promise<string>;

/** The first of the named files that is there. */
const createReader =
  (documents: Documents | undefined): Read =>
  async (folder, ...names) => {
    for (const name of names) {
      const text = await documents?.read(`${folder}/${name}`);
      if (text !== undefined) return text;
    }
    throw new NotMeasurable(`${folder}/${names.join(" or ")} is not there`);
  };

async function report(read: Read, folder: string): Promise<TestReport> {
  const text = await read(folder, "test_pass_rate.xml", "test_pass_rate.json");
  return text.trimStart().startsWith("<") ? parseJUnit(text) : parseJsonReport(text);
}

function testPassRate({ passed, total }: TestReport): Measurement {
  if (total === 0 || passed > total)
    throw new NotMeasurable(`the report has ${passed} passed of ${total} tests`);
  return { value: passed / total, detail: `${passed} of ${total} tests passed` };
}

const linterPass = (findings: number): Measurement => ({
  value: findings === 0,
  detail: `${findings} findings`,
});

const columnsSchema = z.object({ tables: z.record(z.string(), z.record(z.string(), z.string())) });
const rowsSchema = z.object({ tables: z.record(z.string(), z.number().min(0)) });
const edgesSchema = z.object({ edges: z.record(z.string().min(1).max(200), z.number().min(0)) });
const textsSchema = z
  .array(z.object({ candidate: z.string(), references: z.array(z.string()).min(1).max(20) }))
  .min(1)
  .max(MOST_TEXTS);

function expectation<T>(schema: z.ZodType<T>, text: string, shape: string): T {
  const result = schema.safeParse(jsonOf(text));
  if (result.success) return result.data;
  throw new NotMeasurable(`the expectation is not ${shape}`);
}

function entriesOf<T>(expected: Record<string, T>): [string, T][] {
  const entries = Object.entries(expected);
  if (entries.length > 0 && entries.length <= MOST_TABLES) return entries;
  throw new NotMeasurable(`the expectation names ${entries.length} things; expected 1 to ${MOST_TABLES}`);
}

async function schemaDiff(
  folder: string,
  { read, database }: { read: Read; database: InspectedDatabase | undefined },
): Promise<Measurement> {
  const text = await read(folder, "schema_diff.json");
  const { tables } = expectation(columnsSchema, text, "{tables: {table: {column: type}}}");
  const differences: string[] = [];
  for (const [table, expected] of entriesOf(tables)) {
    const actual = (await database?.columns(table)) ?? {};
    differences.push(...columnDifferences(actual, expected).map((difference) => `${table}.${difference}`));
  }
  const detail = differences.length === 0 ? "no differences" : differences.slice(0, 10).join(", ");
  return { value: differences.length, detail };
}

async function rowCountDelta(
  folder: string,
  { read, database }: { read: Read; database: InspectedDatabase | undefined },
): Promise<Measurement> {
  const { tables } = expectation(
    rowsSchema,
    await read(folder, "row_count_delta.json"),
    "{tables: {table: rows}}",
  );
  return largestDelta(entriesOf(tables), (table) => database?.rows(table) ?? Promise.resolve(0));
}

async function edgeCountDelta(
  folder: string,
  { read, graph, signal }: { read: Read; graph: Graph | undefined; signal: AbortSignal },
): Promise<Measurement> {
  const text = await read(folder, "graph_edge_count_delta.json");
  const { edges } = expectation(edgesSchema, text, "{edges: {type: edges}}");
  return largestDelta(entriesOf(edges), (type) => graph?.edges(type, signal) ?? Promise.resolve(0));
}

async function largestDelta(
  expected: readonly [string, number][],
  actualOf: (name: string) => Promise<number>,
): Promise<Measurement> {
  let worst: Measurement & { value: number } = { value: -1, detail: "" };
  for (const [name, should] of expected) {
    const is = await actualOf(name);
    const value = relativeDelta(is, should);
    if (value > worst.value) worst = { value, detail: `${name}: ${is} instead of ${should}` };
  }
  return worst;
}

function bleu(text: string): Measurement {
  const texts = expectation(textsSchema, text, "[{candidate, references}]");
  return { value: corpusBleu(texts), detail: `over ${texts.length} texts` };
}

function readability(text: string): Measurement {
  const grade = fleschKincaidGrade(text);
  if (grade === undefined) throw new NotMeasurable("the text has no words");
  return { value: grade, detail: "Flesch-Kincaid grade" };
}
