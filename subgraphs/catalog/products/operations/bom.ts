import { DAY_ALLOWED, isDay } from "../../../../lib/day.ts";
import { CodedError, badInput, notFound } from "../../../../lib/errors.ts";
import type { Connection } from "../../../kit/pagination.ts";
import { type BomChange, type BomLine, type FlatLine, bomDiff, bomTree } from "../domain/bom.ts";
import { type ModelConfiguration, offeredTo, optionCount } from "../domain/configuration.ts";
import { type Feature, featuresOf } from "../domain/features.ts";
import type { Provenance } from "../domain/provenance.ts";
import { type ModelView, findModels } from "./models.ts";
import { linesOf, pageByPosition, type BomView, type PageInput } from "./bom-pages.ts";
import type { BomRevisions } from "../ports.ts";
import type { CatalogueReading } from "./read-catalogue.ts";
import type { Sourced } from "./read-through.ts";

/** What the operations on configurations read. */
export interface ConfigurationReader {
  /** The catalogue of this request. */
  catalogue(): Promise<CatalogueReading>;
  /** What a model of it can be built with, read once in a request. */
  configuration(modelCode: string): Promise<Sourced<ModelConfiguration>>;
  revisions: BomRevisions;
  /** Lets models that are not read otherwise be read in the background for a while. */
  usesWanted(): void;
  now(): Date;
}

/** A feature with where it came from. */
export type FeatureView = Feature & { provenance: Provenance };

export interface BomRequest {
  modelId: string;
  trimId?: string | null | undefined;
  asOf?: Date | null | undefined;
  effectiveOn?: string | null | undefined;
}

/** A place where a part is used. */
export interface PartUseView {
  model: ModelView;
  trimCode: string | null;
  line: FlatLine;
  provenance: Provenance;
}

interface FeatureRequest {
  modelId: string;
  trimId?: string | null | undefined;
}

/**
 * What can be chosen for a model, or for one of its trims.
 *
 * @throws CodedError NOT_FOUND for an unknown model or trim, PLM_… when nothing may stand in for the PLM
 */
export async function listFeatures(
  reader: ConfigurationReader,
  request: FeatureRequest,
): Promise<FeatureView[]> {
  const { model, trimCode } = await locate(reader, request);
  const { value, provenance } = await reader.configuration(model.code);
  return featuresOf(value, trimCode).map((feature) => ({ ...feature, provenance }));
}

/**
 * A page of what can be chosen.
 *
 * @throws CodedError as `listFeatures` does; BAD_USER_INPUT for a bad page
 */
export async function pageOfFeatures(
  reader: ConfigurationReader,
  request: FeatureRequest & PageInput,
): Promise<Connection<FeatureView>> {
  const { model, trimCode } = await locate(reader, request);
  const { value, provenance } = await reader.configuration(model.code);
  const totalCount = optionCount(offeredTo(value, trimCode));
  return pageByPosition(request, totalCount, (from, count) =>
    featuresOf(value, trimCode, { from, count }).map((feature) => ({ ...feature, provenance })),
  );
}

/**
 * The bill of materials as it is, or as it was: our own revisions answer for the past.
 *
 * @throws CodedError NOT_FOUND for a model, a trim or a time without a known bill; BAD_USER_INPUT for a time
 *   that has not come, or for no day
 */
export async function readBom(reader: ConfigurationReader, request: BomRequest): Promise<BomView> {
  const { model, trimCode } = await locate(reader, request);
  const { modelId, trimId = null, asOf } = request;
  const of = { modelId, trimId, trimCode, effectiveOn: dayOf(request.effectiveOn) };
  if (!asOf) {
    const { value, provenance, revision } = await reader.configuration(model.code);
    return { ...of, revision: revision ?? null, asOf: reader.now(), configuration: value, provenance };
  }
  if (asOf > reader.now()) throw badInput("asOf", asOf, "a time that has come already");
  const found = await reader.revisions.at(model.code, asOf);
  if (!found) throw notFound(`A bill of materials of ${model.code} for`, asOf.toISOString());
  const { configuration, provenance, revision } = found;
  return { ...of, revision, asOf, configuration, provenance };
}

function dayOf(given: string | null | undefined): string | null {
  if (given === null || given === undefined) return null;
  if (!isDay(given)) throw badInput("effectiveOn", given, DAY_ALLOWED);
  return given;
}

const DEEPEST = 1_000;

/**
 * The lines as a tree.
 *
 * @throws CodedError BAD_USER_INPUT for a depth outside 1-1000
 */
export function treeOf(
  { configuration, trimCode, effectiveOn: day }: BomView,
  depth: number | null | undefined,
): BomLine[] {
  if (depth === null || depth === undefined) return bomTree(configuration, { trimCode, day });
  if (depth < 1 || depth > DEEPEST) throw badInput("depth", depth, `an integer from 1 to ${DEEPEST}`);
  return bomTree(configuration, { trimCode, day }, depth);
}

/** What changed from one bill to another. */
export async function compareBoms(
  reader: ConfigurationReader,
  { from, to }: { from: BomRequest; to: BomRequest },
): Promise<BomChange[]> {
  const [before, after] = [await readBom(reader, from), await readBom(reader, to)];
  return bomDiff(linesOf(before), linesOf(after));
}

/** A page of what changed from one bill to another, and how much of each kind there is. */
export async function pageOfChanges(
  reader: ConfigurationReader,
  { from, to, ...input }: { from: BomRequest; to: BomRequest } & PageInput,
): Promise<Connection<BomChange> & Record<"added" | "removed" | "changed", number>> {
  const changes = await compareBoms(reader, { from, to });
  const countOf = (kind: BomChange["kind"]) => changes.filter((change) => change.kind === kind).length;
  const page = pageByPosition(input, changes.length, (start, count) => changes.slice(start, start + count));
  return { ...page, added: countOf("ADDED"), removed: countOf("REMOVED"), changed: countOf("CHANGED") };
}

/** So many models may be read while a caller waits; more are read in the background. */
const READ_AT_ONCE = 20;

/**
 * Where a part is used, over all models and levels: the index that is kept with the revisions answers.
 *
 * @throws CodedError BAD_USER_INPUT; PLM_UNAVAILABLE while models were not read yet, because a part of the answer would
 *   look like all of it
 */
export async function findPartUses(reader: ConfigurationReader, partNumber: string): Promise<PartUseView[]> {
  const wanted = partNumber.trim();
  if (wanted === "" || wanted.length > 200)
    throw badInput("partNumber", partNumber, "text of 1 to 200 characters");
  reader.usesWanted();
  const reading = await reader.catalogue();
  const recorded = await reader.revisions.recorded();
  const unread = reading.catalogue.filter(({ code }) => !recorded.has(code));
  if (unread.length > READ_AT_ONCE) {
    const message = `${unread.length} of ${reading.catalogue.length} models have not been read yet, so uses of a part may be missing; they are read in the background`;
    throw new CodedError("PLM_UNAVAILABLE", message, { retryable: true, retryAfterMs: 30_000 });
  }
  for (const { code } of unread) await reader.configuration(code);
  const uses = await reader.revisions.usesOf(wanted);
  const byCode = new Map(reading.catalogue.map((model) => [model.code, model.id]));
  const used = uses.filter(({ modelCode }) => byCode.has(modelCode));
  const ids = used.map(({ modelCode }) => byCode.get(modelCode) ?? "");
  const models = findModels(reading, ids);
  return used.flatMap(({ trimCode, line }, index) => {
    const model = models[index];
    return model ? [{ model, trimCode, line, provenance: model.provenance }] : [];
  });
}

async function locate(
  reader: ConfigurationReader,
  { modelId, trimId }: FeatureRequest,
): Promise<{ model: ModelView; trimCode: string | null }> {
  const [model] = findModels(await reader.catalogue(), [modelId]);
  if (!model) throw notFound("Model", modelId);
  if (trimId === null || trimId === undefined) return { model, trimCode: null };
  const trim = model.trims.find(({ id }) => id === trimId);
  if (!trim) throw notFound(`Trim of ${model.code}`, trimId);
  return { model, trimCode: trim.code };
}
