import { badInput, CodedError } from "../../../../lib/errors.ts";
import type { Actor } from "../../audit/operations/actor.ts";
import { stepDown, type PlmMode, type PlmSwitch } from "../../products/domain/modes.ts";
import type { ModelProduct } from "../../products/domain/catalogue.ts";
import type { ModeChange, PlmModes } from "../../products/operations/ports.ts";

/** Who asks, and under which correlation id. */
export type Asker = Pick<Actor, "subject" | "correlationId">;

export interface SetModeInput {
  mode: PlmMode;
  /** Codes or ids of the models that the mode holds for; empty or left out for all. */
  models?: readonly string[] | null | undefined;
  reason: string;
  /** The version that the caller has seen; left out to overrule whatever is there. */
  expectedVersion?: string | null | undefined;
}

const CHANGES_MAX = 100;
const MODELS_MAX = 1000;
const TEXT_MAX = 1000;

/** @throws CodedError BAD_USER_INPUT when the text is empty or endless */
export function requireText(field: string, value: string): string {
  const text = value.trim();
  if (text === "" || text.length > TEXT_MAX)
    throw badInput(field, value, `text of 1 to ${TEXT_MAX} characters`);
  return text;
}

/**
 * Sets the mode for some models or all; every replica follows, and the change is written down.
 *
 * @throws CodedError BAD_USER_INPUT, also for models that there are not, or CONFLICT when the mode was changed since `expectedVersion`
 */
export async function setPlmMode(
  { modes, catalogues }: { modes: PlmModes; catalogues: KnownCatalogues },
  input: SetModeInput,
  actor: Asker,
): Promise<PlmSwitch> {
  const reason = requireText("input.reason", input.reason);
  const models = [...new Set((input.models ?? []).map((model) => requireText("input.models", model)))];
  if (models.length > MODELS_MAX)
    throw badInput("input.models", models.length, `at most ${MODELS_MAX} models`);
  if (input.mode !== "DISABLED" && !modes.isConnected) {
    const allowed = "DISABLED while PLM_BASE_URL, PLM_CLIENT_ID and PLM_CLIENT_SECRET are not set";
    throw badInput("input.mode", input.mode, allowed);
  }
  await requireModels(models, catalogues);
  return modes.change({
    mode: input.mode,
    models,
    cause: "PERSON",
    reason,
    changedBy: actor.subject,
    correlationId: actor.correlationId,
    expectedVersion: versionOf(input.expectedVersion),
  });
}

/** What is known of models, by whom it can be asked at the moment. */
export interface KnownCatalogues {
  /** The catalogue as callers read it. */
  read: () => Promise<readonly NamedModel[]>;
  /** The PLM's own, which may have models that nobody reads of yet. */
  readPlm: () => Promise<readonly NamedModel[]>;
}

type NamedModel = Pick<ModelProduct, "code"> & { id?: string };

const NAMED_AT_MOST = 20;

/**
 * A mode for a model that there is not would hold for nobody, in silence. The PLM is asked when the catalogue does not know a
 * model; where it does not answer, what the catalogue says has to do.
 *
 * @throws CodedError BAD_USER_INPUT naming what there is not, and the codes that there are
 */
async function requireModels(models: readonly string[], catalogues: KnownCatalogues): Promise<void> {
  if (models.length === 0) return;
  const known = await catalogues.read();
  const missing = unknownOf(models, known);
  if (missing.length === 0) return;
  const ofPlm = await catalogues.readPlm().catch(() => []);
  const unknown = unknownOf(missing, ofPlm);
  if (unknown.length === 0) return;
  const codes = [...new Set([...known, ...ofPlm].map(({ code }) => code))].sort();
  const more = codes.length > NAMED_AT_MOST ? ` and ${codes.length - NAMED_AT_MOST} more` : "";
  const allowed = `codes or ids of models: ${codes.slice(0, NAMED_AT_MOST).join(", ")}${more}`;
  throw badInput("input.models", unknown.join(", "), allowed);
}

function unknownOf(names: readonly string[], models: readonly NamedModel[]): string[] {
  const known = new Set(
    models.flatMap(({ code, id }) => [code, ...(id === undefined ? [] : [id])]).map(lower),
  );
  return names.filter((name) => !known.has(lower(name)));
}

const lower = (text: string): string => text.toLowerCase();

/**
 * Takes one step away from the PLM for all models: enabled, shadow, disabled.
 *
 * @throws CodedError CONFLICT when the PLM is disabled already
 */
export async function rollbackPlm(modes: PlmModes, reason: string, actor: Asker): Promise<PlmSwitch> {
  const checked = requireText("reason", reason);
  const current = modes.current();
  if (current.mode === "DISABLED")
    throw new CodedError("CONFLICT", "The PLM is disabled already; there is no step left to take back");
  return modes.change({
    mode: stepDown(current.mode),
    models: [],
    cause: "ROLLBACK",
    reason: checked,
    changedBy: actor.subject,
    correlationId: actor.correlationId,
    expectedVersion: current.version,
  });
}

/**
 * Changes of the mode, newest first.
 *
 * @throws CodedError BAD_USER_INPUT when `last` is outside 1-100
 */
export async function listModeChanges(modes: PlmModes, last: number): Promise<ModeChange[]> {
  if (last < 1 || last > CHANGES_MAX) throw badInput("last", last, `an integer from 1 to ${CHANGES_MAX}`);
  return modes.changes(last);
}

function versionOf(given: string | null | undefined): number | undefined {
  if (given === null || given === undefined) return undefined;
  if (!/^\d{1,15}$/.test(given)) throw badInput("input.expectedVersion", given, "a version of plmConfig");
  return Number(given);
}
