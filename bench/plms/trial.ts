import type { Interval } from "../../subgraphs/plms/domain/statistics/interval.ts";

/** One interval that was published, and the value that came true. */
export interface Trial {
  interval: Interval;
  truth: number;
  isLowReliability: boolean;
}
