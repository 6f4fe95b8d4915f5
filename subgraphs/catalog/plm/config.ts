import {
  choice,
  decimal,
  flag,
  integer,
  list,
  optionalText,
  optionalUrl,
  readEnvironment,
  text,
  type Environment,
  type Variable,
} from "../../../lib/env.ts";
import type { AllowPrivate } from "../../../lib/outbound.ts";
import { allowPrivateOf } from "../../../lib/outbound-env.ts";
import { webhookSecrets } from "../../kit/config.ts";
import type { PlmMode } from "../products/domain/modes.ts";
import { alertsOf, alertVariables } from "./alert-config.ts";
import type { AlertThresholds } from "./domain/alert-thresholds.ts";
import { parseMaintenanceWindow, type MaintenanceWindow } from "./domain/maintenance.ts";

/** Environment of the catalogue's side towards the PLM. */
export const plmVariables = {
  PLM_MODE: choice({
    description:
      "disabled: the PLM is never asked; shadow: the MRP answers and the PLM is compared; enabled: the PLM first. A mode set later by mutation holds until this changes",
    of: ["disabled", "shadow", "enabled"],
    fallback: "enabled",
  }),
  PLM_ENABLED_FOR_MODELS: list({
    description:
      "Codes of the models that PLM_MODE holds for, empty for all; other models are one step behind: shadow where it is enabled, disabled where it is shadow",
    fallback: "",
  }),
  PLM_SHADOW_SAMPLE_RATE: decimal({
    description: "Share of the readings in shadow mode that are compared with the PLM",
    min: 0,
    max: 1,
    fallback: 1,
  }),
  PLM_SHADOW_DEADLINE_MS: integer({
    description: "Milliseconds that a comparison may wait for the PLM; no caller waits for a comparison",
    min: 10,
    max: 60_000,
    fallback: 5_000,
  }),
  PLM_SHADOW_IGNORE: list({
    description:
      "Differences between MRP and PLM that do not count, as paths like `*.description` where * stands for anything",
    fallback: "",
  }),
  PLM_AUTO_ROLLBACK: flag({
    description: "Whether the mode steps from enabled to shadow by itself when a rollback trigger fires",
    fallback: false,
  }),
  PLM_MAINTENANCE_WINDOWS: list({
    description:
      "When the PLM may be away without an alert, in UTC: `02:00-04:00` every day or `Sun 02:00-04:00` once a week",
    fallback: "",
  }),
  PLM_BASE_URL: optionalUrl({ description: "Where the PLM's API lives", schemes: ["http", "https"] }),
  PLM_CLIENT_ID: optionalText({ description: "OAuth client id at the PLM" }),
  PLM_CLIENT_SECRET: optionalText({ description: "OAuth client secret at the PLM", secret: true }),
  PLM_SIGNING_SECRET: optionalText({
    description: "Signs every request to a PLM that wants it (HMAC-SHA256, header x-plm-signature)",
    min: 16,
    secret: true,
  }),
  WEBHOOK_SECRET_PLM: webhookSecrets({
    description:
      "Secret that the PLM signs its webhooks with; two, by comma, while it changes, and none refuses every webhook",
    min: 0,
  }),
  PLM_FALLBACK_ENABLED: flag({
    description: "Whether the MRP's tables may stand in for the PLM",
    fallback: true,
  }),
  PLM_CACHE_ENABLED: flag({ description: "Whether answers of the PLM are kept", fallback: true }),
  PLM_CACHE_TTL_SECONDS: integer({
    description: "How long an answer is fresh",
    min: 300,
    max: 900,
    fallback: 600,
  }),
  PLM_CACHE_STALE_SECONDS: integer({
    description: "How long after that an answer may stand in for a failing PLM",
    min: 0,
    max: 604_800,
    fallback: 86_400,
  }),
  PLM_CACHE_MB: integer({
    description:
      "Memory for the answers that are kept in one process; what was used least recently goes first",
    min: 16,
    max: 65_536,
    fallback: 256,
  }),
  PLM_CACHE_TIMEOUT_MS: integer({
    description: "How long the cache that replicas share may take before everybody goes on without it",
    min: 10,
    max: 5_000,
    fallback: 150,
  }),
  PLM_CIRCUIT_BREAKER_THRESHOLD: integer({
    description: "Failures within the window that open the circuit",
    min: 1,
    max: 1000,
    fallback: 5,
  }),
  PLM_CIRCUIT_BREAKER_WINDOW_SECONDS: integer({ description: "The window", min: 1, max: 3600, fallback: 30 }),
  PLM_CIRCUIT_OPEN_SECONDS: integer({
    description: "How long the circuit stays open at first; doubles up to 120 s or this, whichever is more",
    min: 1,
    max: 3600,
    fallback: 10,
  }),
  PLM_SLOW_CALL_MS: integer({
    description: "A call that takes longer counts as a failure for the circuit, although its answer is used",
    min: 10,
    max: 60_000,
    fallback: 500,
  }),
  PLM_POLL_SECONDS: integer({
    description: "How often the PLM is asked whether its catalogue changed, readers or not; 0 never",
    min: 0,
    max: 3600,
    fallback: 15,
  }),
  PLM_MAX_CONCURRENT: integer({
    description: "Calls to the PLM at the same time",
    min: 1,
    max: 1000,
    fallback: 10,
  }),
  PLM_DEADLINE_MS: integer({
    description: "Milliseconds that a call to the PLM may take, retry included",
    min: 10,
    max: 60_000,
    fallback: 700,
  }),
  PLM_BODY_LIMIT_MB: integer({
    description: "Longest answer of the PLM that is taken, in megabytes",
    min: 1,
    max: 1_024,
    fallback: 8,
  }),
  PLM_BACKGROUND_READS_PER_SECOND: decimal({
    description: "Configurations that are asked for in a second while nobody waits for them",
    min: 0.1,
    max: 100,
    fallback: 5,
  }),
  ...alertVariables,
};

type PlmEnvironment = Environment<typeof plmVariables>;

interface PlmConnectionConfig {
  baseUrl: string;
  clientId: string;
  clientSecret: string;
  maxConcurrent: number;
  deadlineMs: number;
  bodyLimitBytes: number;
  signingSecret: string | undefined;
  allowPrivate: AllowPrivate;
}

/** How the PLM is asked, and what is done without it. */
export interface PlmConfig {
  /** Absent: the PLM is never asked, whatever the mode. */
  connection: PlmConnectionConfig | undefined;
  /** What the environment wants the mode to be. */
  wish: { mode: PlmMode; models: readonly string[] };
  shadow: { sampleRate: number; ignore: readonly string[]; deadlineMs: number };
  alerts: AlertThresholds;
  autoRollback: boolean;
  maintenance: readonly MaintenanceWindow[];
  webhookSecrets: readonly string[];
  fallbackEnabled: boolean;
  /** Time between two looks for changes; 0 for none. */
  pollMs: number;
  backgroundReadsPerSecond: number;
  /** `timeoutMs` is for an answer of the store that replicas share. */
  cache: { enabled: boolean; ttlMs: number; staleMs: number; maxBytes: number; timeoutMs: number };
  circuit: { threshold: number; windowMs: number; openMs: number; slowCallMs: number };
}

/** What the environment says of the PLM. */
export function plmConfigOf(env: Parameters<typeof allowPrivateOf>[0] & PlmEnvironment): PlmConfig {
  return {
    connection: connectionOf(env),
    wish: { mode: MODE[env.PLM_MODE], models: env.PLM_ENABLED_FOR_MODELS },
    shadow: {
      sampleRate: env.PLM_SHADOW_SAMPLE_RATE,
      ignore: env.PLM_SHADOW_IGNORE,
      deadlineMs: env.PLM_SHADOW_DEADLINE_MS,
    },
    alerts: alertsOf(env),
    autoRollback: env.PLM_AUTO_ROLLBACK,
    maintenance: env.PLM_MAINTENANCE_WINDOWS.flatMap((text) => parseMaintenanceWindow(text) ?? []),
    webhookSecrets: env.WEBHOOK_SECRET_PLM,
    fallbackEnabled: env.PLM_FALLBACK_ENABLED,
    pollMs: env.PLM_POLL_SECONDS * 1000,
    backgroundReadsPerSecond: env.PLM_BACKGROUND_READS_PER_SECOND,
    cache: {
      enabled: env.PLM_CACHE_ENABLED,
      ttlMs: env.PLM_CACHE_TTL_SECONDS * 1000,
      staleMs: env.PLM_CACHE_STALE_SECONDS * 1000,
      maxBytes: env.PLM_CACHE_MB * 1_048_576,
      timeoutMs: env.PLM_CACHE_TIMEOUT_MS,
    },
    circuit: {
      threshold: env.PLM_CIRCUIT_BREAKER_THRESHOLD,
      windowMs: env.PLM_CIRCUIT_BREAKER_WINDOW_SECONDS * 1000,
      openMs: env.PLM_CIRCUIT_OPEN_SECONDS * 1000,
      slowCallMs: env.PLM_SLOW_CALL_MS,
    },
  };
}

const checkVariables = {
  PLM_CLIENT_ID: text({ description: "OAuth client id at the PLM that is checked", fallback: "mrp-dev" }),
  PLM_CLIENT_SECRET: text({
    description: "OAuth client secret at the PLM that is checked",
    fallback: "mrp-dev-secret",
    secret: true,
  }),
};
/** No caller waits for a check: a large answer may take its time. */
const CHECK_DEADLINE_MS = 60_000;
const CHECK_BODY_LIMIT_BYTES = 1_073_741_824;

/** What `plm:check` is told by the environment. @throws EnvironmentError naming every bad variable */
export function readPlmCheckConfig(source: Readonly<Record<string, string | undefined>> = process.env) {
  const env = readEnvironment(checkVariables, source);
  return {
    clientId: env.PLM_CLIENT_ID,
    clientSecret: env.PLM_CLIENT_SECRET,
    deadlineMs: CHECK_DEADLINE_MS,
    bodyLimitBytes: CHECK_BODY_LIMIT_BYTES,
    maxConcurrent: 2,
  };
}

/** A rule over all variables: what is wrong with the windows, if anything. */
export function badMaintenanceWindow(env: PlmEnvironment): string | undefined {
  const bad = env.PLM_MAINTENANCE_WINDOWS.find((text) => !parseMaintenanceWindow(text));
  return bad && `PLM_MAINTENANCE_WINDOWS: "${bad}" is not allowed; expected 02:00-04:00 or Sun 02:00-04:00`;
}

const MODE = { disabled: "DISABLED", shadow: "SHADOW", enabled: "ENABLED" } as const;

/** What has to be said unless the PLM is disabled. */
export const neededByPlm = {
  PLM_BASE_URL: needed(plmVariables.PLM_BASE_URL),
  PLM_CLIENT_ID: needed(plmVariables.PLM_CLIENT_ID),
  PLM_CLIENT_SECRET: needed(plmVariables.PLM_CLIENT_SECRET),
};

function needed(variable: Variable<string | undefined>): Variable<string | undefined> {
  return {
    ...variable,
    schema: variable.schema.refine((value) => value !== undefined),
    allowed: `${variable.allowed}, unless PLM_MODE is disabled`,
  };
}

function connectionOf(
  env: Parameters<typeof allowPrivateOf>[0] & PlmEnvironment,
): PlmConnectionConfig | undefined {
  const { PLM_BASE_URL: baseUrl, PLM_CLIENT_ID: clientId, PLM_CLIENT_SECRET: clientSecret } = env;
  if (!baseUrl || !clientId || !clientSecret) return undefined;
  return {
    baseUrl,
    clientId,
    clientSecret,
    maxConcurrent: env.PLM_MAX_CONCURRENT,
    deadlineMs: env.PLM_DEADLINE_MS,
    bodyLimitBytes: env.PLM_BODY_LIMIT_MB * 1_048_576,
    signingSecret: env.PLM_SIGNING_SECRET,
    allowPrivate: allowPrivateOf(env),
  };
}
