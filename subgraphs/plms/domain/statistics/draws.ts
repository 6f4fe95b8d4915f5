import { seededRandom } from "./seeded-random.ts";

/** Random numbers that depend on the seed alone. */
export interface Draws {
  /** In [0, 1). */
  uniform: () => number;
  /** Standard normal. */
  normal: () => number;
  /** Gamma with the given shape and scale 1. */
  gamma: (shape: number) => number;
}

/** Normal by Box & Muller 1958, both values used; gamma by Marsaglia & Tsang 2000. */
export function createDraws(seed: number): Draws {
  const uniform = seededRandom(seed);
  let spare: number | undefined;
  const normal = (): number => {
    if (spare !== undefined) {
      const kept = spare;
      spare = undefined;
      return kept;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
    const angle = 2 * Math.PI * uniform();
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  };
  const gamma = (shape: number): number => {
    if (shape < 1) return gamma(shape + 1) * Math.pow(1 - uniform(), 1 / shape);
    const d = shape - 1 / 3;
    const c = 1 / Math.sqrt(9 * d);
    for (;;) {
      const x = normal();
      const v = (1 + c * x) ** 3;
      if (v > 0 && Math.log(1 - uniform()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
    }
  };
  return { uniform, normal, gamma };
}
