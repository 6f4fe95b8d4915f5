import type { ModelDefinition } from "../../../mocks/plm/definitions.ts";
import type { ModeWish } from "./weather.ts";

/** Where an answer says that it came from. */
interface ShownProvenance {
  source: "PLM" | "PLM_CACHE" | "PLM_STALE" | "MRP";
  fetchedAt: string;
  stale: boolean;
  fallbackReason: string | null;
  plmCorrelationId: string | null;
}

interface ShownPart {
  provenance: ShownProvenance;
}

/** A model as the drill asks for it. */
export interface ShownModel extends ShownPart {
  code: string;
  description: string;
  features: readonly ShownPart[];
  bom: ShownPart;
}

export interface Observed {
  model: ShownModel;
  startedAtMs: number;
}

/** Between a change at the PLM or of the mode and the moment when every answer has to know of it. */
const GRACE_MS = 2_000;
const MARK = / \(revision (\d+)\)$/;

/**
 * What may be true at a moment. The PLM's descriptions carry the number of its revision, so that every answer can be
 * dated: one that says it is the PLM's of 12:00:05 has to be what the PLM told then.
 */
export function createTruth() {
  const revisions: number[] = [];
  const modes: { wish: ModeWish; atMs: number }[] = [];
  const wholes = new Map<string, string>();
  const revisionAt = (atMs: number) => revisions.findLastIndex((fromMs) => fromMs <= atMs) + 1;

  const problemOf = ({ model, startedAtMs }: Observed): string | undefined => {
    const { provenance } = model;
    const mark = MARK.exec(model.description)?.[1];
    const fetchedAtMs = Date.parse(provenance.fetchedAt);
    if (wholes.get(model.code) !== fingerprint(model))
      return "its features or its bill are not those of the product";
    if (provenance.source === "MRP") {
      if (mark !== undefined) return "it says MRP and has the PLM's text";
    } else {
      // What the PLM told before its first revision has no number.
      const revision = Number(mark ?? 0);
      const [oldest, newest] = [revisionAt(fetchedAtMs - GRACE_MS), revisionAt(fetchedAtMs)];
      if (!(revision >= oldest && revision <= newest))
        return `it has revision ${revision} of the PLM, which told ${oldest} to ${newest} when it was fetched`;
    }
    const parts = [model, ...model.features, model.bom];
    return (
      parts
        .map((part) => sourceProblem(part.provenance, startedAtMs))
        .find((problem) => problem !== undefined) ?? modeProblem(model, startedAtMs)
    );
  };
  const modeProblem = ({ code, provenance }: ShownModel, startedAtMs: number): string | undefined => {
    const last = modes.at(-1);
    if (!last || startedAtMs - last.atMs < GRACE_MS) return undefined;
    const { mode, models } = last.wish;
    const held = heldBack(mode, models.length === 0 || models.includes(code));
    if (held === undefined)
      return provenance.fallbackReason === "SHADOW" || provenance.fallbackReason === "DISABLED"
        ? `it says ${provenance.fallbackReason} while the PLM is enabled for it`
        : undefined;
    return provenance.source === "MRP" && provenance.fallbackReason === held
      ? undefined
      : `it says ${provenance.source} ${provenance.fallbackReason} where MRP ${held} is right`;
  };
  return {
    /** What the model is, whoever tells of it. */
    know: (model: ShownModel) => void wholes.set(model.code, fingerprint(model)),
    /** The PLM's next revision of its products. */
    revise: (models: readonly ModelDefinition[]): ModelDefinition[] => {
      revisions.push(Date.now());
      return models.map((model) => ({
        ...model,
        description: `${model.description} (revision ${revisions.length})`,
      }));
    },
    switched: (wish: ModeWish) => void modes.push({ wish, atMs: Date.now() }),
    problemOf,
  };
}

export type Truth = ReturnType<typeof createTruth>;

function heldBack(mode: ModeWish["mode"], isListed: boolean): "DISABLED" | "SHADOW" | undefined {
  if (mode === "DISABLED") return "DISABLED";
  if (mode === "SHADOW") return isListed ? "SHADOW" : "DISABLED";
  return isListed ? undefined : "SHADOW";
}

/** Whatever stands in has to say why, and what comes from the PLM has to say from which of its answers. */
function sourceProblem(provenance: ShownProvenance, startedAtMs: number): string | undefined {
  const { source, stale, fallbackReason, plmCorrelationId, fetchedAt } = provenance;
  const isStandIn = source === "MRP" || source === "PLM_STALE";
  if (isStandIn !== (fallbackReason !== null)) return `${source} with the reason ${fallbackReason}`;
  if (stale !== (source === "PLM_STALE")) return `${source} that says stale: ${stale}`;
  if ((source === "MRP") !== (plmCorrelationId === null))
    return `${source} with the PLM's id ${plmCorrelationId}`;
  if (source === "PLM" && Date.parse(fetchedAt) < startedAtMs - GRACE_MS) return "PLM with an old answer";
  return undefined;
}

/** All but the text that revisions change and where it came from. */
function fingerprint(model: ShownModel): string {
  return JSON.stringify(model, (key, value: unknown) =>
    key === "provenance" || key === "description" ? undefined : value,
  );
}
