import type { Clock } from "../../../../lib/clock.ts";
import { decideMode } from "../../products/domain/modes.ts";
import { diffConfigurations, diffModels, isIgnored, steady, type FieldDiff } from "../domain/shadow-diff.ts";
import { idOfCode } from "../../products/domain/product-ids.ts";
import {
  PlmFailure,
  type MrpSource,
  type PlmModes,
  type PlmSource,
} from "../../products/operations/ports.ts";
import type { Comparisons, Observations, ShadowDiffs } from "../ports.ts";
import type { ShadowDiff } from "./ports.ts";

/** What the comparison of both systems needs; the PLM is asked through a client of its own. */
export interface ComparisonPorts {
  modes: Pick<PlmModes, "current">;
  plm: PlmSource;
  mrp: MrpSource;
  diffs: ShadowDiffs;
  /** Which models were compared, and where that failed. */
  comparisons: Comparisons;
  observations: Observations;
  /** Paths of differences that do not count, where * stands for anything. */
  ignore: readonly string[];
  /** Told of every difference that was seen. */
  onDiffs(diffs: readonly ShadowDiff[]): void;
  clock: Clock;
}

interface Request {
  correlationId: string;
}

/**
 * Compares models and trims of both systems, for the models in shadow mode.
 *
 * @throws PlmFailure when the PLM gives no usable answer
 */
export async function compareCatalogues(ports: ComparisonPorts, request: Request): Promise<void> {
  await noted(ports, CATALOGUE_NAME, async () => {
    const { models } = await ports.plm.readCatalogue(request);
    const read = async () => {
      const mrp = (await ports.mrp.standIn()) ?? [];
      const idOf = new Map(mrp.map(({ code, id }) => [code, id]));
      const isCompared = (code: string) => {
        const id = idOf.get(code) ?? idOfCode(code);
        return decideMode(ports.modes.current(), { id, code }).mode === "SHADOW";
      };
      return diffModels(mrp, models, isCompared);
    };
    const compared = await read();
    const again = [...compared.values()].some((diffs) => diffs.length > 0) ? await read() : compared;
    for (const [code, diffs] of compared)
      await conclude(ports, { diffs, again: again.get(code) ?? [], request });
  });
}

/** What the comparison of models and trims is called among those of bills of materials. */
export const CATALOGUE_NAME = "(models and trims)";

/**
 * Compares what a model can be built with.
 *
 * @throws PlmFailure when the PLM gives no usable answer
 */
export async function compareConfigurations(
  ports: ComparisonPorts,
  modelCode: string,
  request: Request,
): Promise<void> {
  await noted(ports, modelCode, async () => {
    const { models } = await ports.plm.readCatalogue(request);
    const model = models.find(({ code }) => code === modelCode);
    if (!model) return;
    const trimCodes = new Map(model.trims.map(({ plmId, code }) => [plmId, code]));
    const { configuration } = await ports.plm.readConfiguration({
      ...request,
      modelPlmId: model.plmId,
      trimCodes,
    });
    const read = async () => {
      const mrp = await ports.mrp.readConfiguration(modelCode);
      return diffConfigurations(modelCode, mrp ?? { sections: [], rules: [] }, configuration);
    };
    const diffs = await read();
    await conclude(ports, { diffs, again: diffs.length > 0 ? await read() : diffs, request });
  });
}

/** Leaves it on record whether a comparison came to an end: one that failed must not look like one without a difference. */
async function noted(ports: ComparisonPorts, name: string, compare: () => Promise<void>): Promise<void> {
  try {
    await compare();
  } catch (error) {
    const failure = error instanceof PlmFailure ? error.message : "the comparison could not be carried out";
    await ports.comparisons.failed(name, failure, ports.clock.now());
    throw error;
  }
  await ports.comparisons.compared(name, ports.clock.now());
}

interface Comparison {
  diffs: readonly FieldDiff[];
  /** The same comparison with the MRP read once more: what differs only once is noise. */
  again: readonly FieldDiff[];
  request: Request;
}

async function conclude(ports: ComparisonPorts, { diffs, again, request }: Comparison): Promise<void> {
  const { observations, clock } = ports;
  const real = steady(diffs, again).filter(({ path }) => !isIgnored(path, ports.ignore));
  const seen = await ports.diffs.record(real, { ...request, at: clock.now() });
  const unexpected = seen.filter(({ classification }) => classification !== "EXPECTED");
  if (diffs.length > 0 && steady(diffs, again).length === 0) observations.add("comparison", "NOISE");
  else observations.add("comparison", unexpected.length > 0 ? "DIFFERENT" : "SAME");
  if (seen.length > 0) ports.onDiffs(seen);
}
