import { ANSWER_MODES, type FaultRuleInput } from "../../../mocks/faults.ts";
import type { Random } from "../../../mocks/seeded-random.ts";

const PATHS = ["/plm/*", "/plm/catalog", "/plm/models/*", "/plm/usage-metrics", "/oauth/token"] as const;
const STATUSES = [400, 403, 404, 408, 422, 500, 502, 503, 504] as const;
const MODELS = ["LX21", "LX22", "LX24", "LX26"] as const;
const MODE_NAMES = ["DISABLED", "SHADOW", "ENABLED", "ENABLED"] as const;
const CALM_SHARE = 0.35;
const SLOWEST_MS = 3_000;

/** One of the things, each as likely as the others. */
export function pick<T>(random: Random, things: readonly T[]): T {
  const thing = things[Math.floor(random() * things.length)];
  if (thing === undefined) throw new RangeError("nothing to pick from");
  return thing;
}

/** What goes wrong at the PLM for a while: nothing, or one to three faults. */
export function drawFaults(random: Random): FaultRuleInput[] {
  if (random() < CALM_SHARE) return [];
  return Array.from({ length: 1 + Math.floor(random() * 3) }, () => {
    const mode = pick(random, ANSWER_MODES);
    return {
      path: pick(random, PATHS),
      mode,
      rate: pick(random, [0.3, 0.7, 1]),
      ...(mode === "status" && { status: pick(random, STATUSES) }),
      ...(mode === "slow" && { latencyMs: Math.floor(random() * SLOWEST_MS) }),
    };
  });
}

/** What `setPlmMode` is told: every mode, for all models or for some. */
export interface ModeWish {
  mode: (typeof MODE_NAMES)[number];
  models: readonly string[];
}

export function drawMode(random: Random): ModeWish {
  const models = random() < 0.5 ? [] : MODELS.filter(() => random() < 0.5);
  return { mode: pick(random, MODE_NAMES), models };
}
