import type { PlmMode } from "../../products/domain/modes.ts";
import { shareBounds } from "./measures.ts";

/** What the gate judges by, since the window began. */
export interface GateEvidence {
  mode: PlmMode;
  /** When the mode was set. */
  modeSince: Date;
  now: Date;
  comparisons: { count: number; different: number; first: Date | null };
  reads: { count: number; fallbacks: number };
  openCritical: number;
  /** Models whose bill of materials was never compared, by code. */
  neverCompared: readonly string[];
  /** Models whose last comparison failed, with why. */
  failedComparisons: readonly { modelCode: string; failure: string }[];
}

/** Whether the next step towards the PLM may be taken, and what stands in its way. */
export interface MigrationGate {
  /** The step that it is about: from shadow to enabled, or from enabled to the end of the migration. */
  phase: "ENABLE" | "RETIRE_MRP";
  isMet: boolean;
  /** Comparisons, or readings. */
  samples: number;
  samplesNeeded: number;
  /** Different comparisons, or readings that something stood in for. */
  failures: number;
  /** 0-1. */
  share: number | null;
  /** What the share is at most, at 95 % confidence. */
  shareAtMost: number;
  /** What it has to stay below. */
  shareAllowed: number;
  windowDays: number;
  blocking: string[];
  /** Everything that is asked for, whether it is there or not. */
  criteria: Criterion[];
}

/** One of the things that a step needs. */
interface Criterion {
  name:
    | "COMPARED"
    | "SAMPLES"
    | "SHARE"
    | "WINDOW"
    | "CRITICAL_DIFFERENCES"
    | "FAILED_COMPARISONS"
    | "NEVER_COMPARED";
  isMet: boolean;
  text: string;
}

const WINDOW_DAYS = 14;
const DAY_MS = 86_400_000;
/** Without a single failure, so many samples show at 95 % that less than 1 % or 0.1 % fail. */
const RULES = {
  ENABLE: { needed: 299, allowed: 0.01 },
  RETIRE_MRP: { needed: 2_995, allowed: 0.001 },
} as const;

/** The exit criteria: less than 1 % different over two weeks in shadow mode, less than 0.1 % fallback afterwards. */
export function judgeMigration(evidence: GateEvidence): MigrationGate {
  const phase = evidence.mode === "ENABLED" ? "RETIRE_MRP" : "ENABLE";
  const { needed, allowed } = RULES[phase];
  const [samples, failures] =
    phase === "ENABLE"
      ? [evidence.comparisons.count, evidence.comparisons.different]
      : [evidence.reads.count, evidence.reads.fallbacks];
  const shareAtMost = shareBounds(failures, samples).high;
  const what = phase === "ENABLE" ? "comparisons" : "readings";
  const since = phase === "ENABLE" ? evidence.comparisons.first : evidence.modeSince;
  const days = since ? (evidence.now.getTime() - since.getTime()) / DAY_MS : 0;
  const isCompared = evidence.mode !== "DISABLED";
  const criteria: Criterion[] = [
    {
      name: "COMPARED",
      isMet: isCompared,
      text: isCompared ? "the PLM is asked" : "the PLM is disabled, so nothing is compared",
    },
    { name: "SAMPLES", isMet: samples >= needed, text: `${samples} of at least ${needed} ${what}` },
    {
      name: "SHARE",
      isMet: shareAtMost < allowed,
      text: `up to ${percent(shareAtMost)} may fail at 95 % confidence; below ${percent(allowed)} is needed`,
    },
    {
      name: "WINDOW",
      isMet: days >= WINDOW_DAYS,
      text: `${Math.floor(days)} of ${WINDOW_DAYS} days observed`,
    },
    {
      name: "CRITICAL_DIFFERENCES",
      isMet: evidence.openCritical === 0,
      text: `${evidence.openCritical} critical differences that nobody has explained`,
    },
    ...(phase === "ENABLE" ? comparisonCriteria(evidence) : []),
  ];
  const blocking = criteria.filter(({ isMet }) => !isMet).map(({ text }) => text);
  return {
    phase,
    isMet: blocking.length === 0,
    samples,
    samplesNeeded: needed,
    failures,
    share: samples === 0 ? null : failures / samples,
    shareAtMost,
    shareAllowed: allowed,
    windowDays: WINDOW_DAYS,
    blocking,
    criteria,
  };
}

/** By name, because a number does not say where to look. */
function comparisonCriteria({ neverCompared, failedComparisons }: GateEvidence): Criterion[] {
  const failures = failedComparisons.map(({ modelCode, failure }) => `${modelCode} (${failure})`);
  const [haveAllWorked, wereAllCompared] = [failures.length === 0, neverCompared.length === 0];
  return [
    {
      name: "FAILED_COMPARISONS",
      isMet: haveAllWorked,
      text: haveAllWorked
        ? "no model's last comparison failed"
        : `the last comparison failed: ${named(failures)}`,
    },
    {
      name: "NEVER_COMPARED",
      isMet: wereAllCompared,
      text: wereAllCompared ? "every model was compared" : `never compared: ${named(neverCompared)}`,
    },
  ];
}

const NAMED_AT_MOST = 20;

const named = (names: readonly string[]): string =>
  names.length <= NAMED_AT_MOST
    ? names.join(", ")
    : `${names.slice(0, NAMED_AT_MOST).join(", ")} and ${names.length - NAMED_AT_MOST} more`;

const percent = (share: number): string => `${Number((share * 100).toPrecision(3))} %`;
