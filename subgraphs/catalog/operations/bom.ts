import { badInput, notFound } from "../../../lib/errors.ts";
import { bomDiff, bomLines, flatLines, type BomChange, type BomLine } from "../domain/bom.ts";
import type { ModelConfiguration } from "../domain/configuration.ts";
import { featuresOf, type Feature } from "../domain/features.ts";
import type { Provenance } from "../domain/provenance.ts";
import { findModels } from "./find-models.ts";
import type { BomRevisions } from "./ports.ts";
import type { CatalogueReading } from "./read-catalogue.ts";
import type { Sourced } from "./read-through.ts";
import type { ModelView } from "./views.ts";

/** What the operations on configurations read. */
export interface ConfigurationReader {
  /** The catalogue of this request. */
  catalogue(): Promise<CatalogueReading>;
  /** What a model of it can be built with, read once in a request; nothing for a model that nobody has. */
  configuration(modelCode: string): Promise<Sourced<ModelConfiguration>>;
  revisions: BomRevisions;
  now(): Date;
}

/** A feature with where it came from. */
export type FeatureView = Feature & { provenance: Provenance };

/** A bill of materials of a model or one of its trims, at a moment. */
export interface BomView {
  modelId: string;
  trimId: string | null;
  revision: number | null;
  asOf: Date;
  lines: BomLine[];
  provenance: Provenance;
}

export interface BomRequest {
  modelId: string;
  trimId?: string | null | undefined;
  asOf?: Date | null | undefined;
}

/** A place where a part is used. */
export interface PartUseView {
  model: ModelView;
  trimCode: string | null;
  line: BomLine;
  provenance: Provenance;
}

/**
 * What can be chosen for a model, or for one of its trims.
 *
 * @throws CodedError NOT_FOUND for a model or a trim that nobody has, PLM_… when nothing may stand in for the PLM
 */
export async function listFeatures(
  reader: ConfigurationReader,
  request: { modelId: string; trimId?: string | null | undefined },
): Promise<FeatureView[]> {
  const { model, trimCode } = await locate(reader, request);
  const { value, provenance } = await reader.configuration(model.code);
  return featuresOf(value, trimCode).map((feature) => ({ ...feature, provenance }));
}

/**
 * The bill of materials as it is, or as it was: our own revisions answer for the past.
 *
 * @throws CodedError NOT_FOUND for a model, a trim or a time that nobody has a bill of; BAD_USER_INPUT for a time
 *   that has not come
 */
export async function readBom(reader: ConfigurationReader, request: BomRequest): Promise<BomView> {
  const { model, trimCode } = await locate(reader, request);
  const { modelId, trimId = null, asOf } = request;
  const of = { modelId, trimId };
  if (!asOf) {
    const { value, provenance } = await reader.configuration(model.code);
    const latest = await reader.revisions.latest(model.code);
    const lines = bomLines(value, trimCode);
    return { ...of, revision: latest?.revision ?? null, asOf: reader.now(), lines, provenance };
  }
  if (asOf > reader.now()) throw badInput("asOf", asOf, "a time that has come already");
  const revision = await reader.revisions.at(model.code, asOf);
  if (!revision) throw notFound(`A bill of materials of ${model.code} for`, asOf.toISOString());
  const { configuration, provenance } = revision;
  return { ...of, revision: revision.revision, asOf, lines: bomLines(configuration, trimCode), provenance };
}

/** What changed from one bill to another. */
export async function compareBoms(
  reader: ConfigurationReader,
  { from, to }: { from: BomRequest; to: BomRequest },
): Promise<BomChange[]> {
  const [before, after] = [await readBom(reader, from), await readBom(reader, to)];
  return bomDiff(before.lines, after.lines);
}

/** Models are read a few at a time, so that a search never takes all the calls that the PLM is allowed. */
const AT_ONCE = 5;

/** Where a part is used, over all models. */
export async function findPartUses(reader: ConfigurationReader, partNumber: string): Promise<PartUseView[]> {
  const wanted = partNumber.trim();
  if (wanted === "" || wanted.length > 128)
    throw badInput("partNumber", partNumber, "text of 1 to 128 characters");
  const reading = await reader.catalogue();
  const ids = reading.catalogue.map(({ id }) => id);
  const models = findModels(reading, ids).filter((model) => model !== null);
  const uses: PartUseView[] = [];
  for (let from = 0; from < models.length; from += AT_ONCE) {
    const found = await Promise.all(
      models.slice(from, from + AT_ONCE).map((model) => usesIn(reader, model, wanted)),
    );
    uses.push(...found.flat());
  }
  return uses;
}

async function usesIn(
  reader: ConfigurationReader,
  model: ModelView,
  partNumber: string,
): Promise<PartUseView[]> {
  const { value, provenance } = await reader.configuration(model.code);
  return value.sections.flatMap((section) =>
    flatLines(bomLines({ sections: [section], rules: [] }, null))
      .filter((line) => line.partNumber === partNumber)
      .map((line) => ({ model, trimCode: section.trimCode, line, provenance })),
  );
}

async function locate(
  reader: ConfigurationReader,
  { modelId, trimId }: { modelId: string; trimId?: string | null | undefined },
): Promise<{ model: ModelView; trimCode: string | null }> {
  const [model] = findModels(await reader.catalogue(), [modelId]);
  if (!model) throw notFound("Model", modelId);
  if (trimId === null || trimId === undefined) return { model, trimCode: null };
  const trim = model.trims.find(({ id }) => id === trimId);
  if (!trim) throw notFound(`Trim of ${model.code}`, trimId);
  return { model, trimCode: trim.code };
}
