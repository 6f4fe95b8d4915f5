/** A range that holds the true value with probability `level`. */
export interface Interval {
  low: number;
  high: number;
  /** 0-1. */
  level: number;
}

/** The level of every interval here. */
export const LEVEL = 0.9;
export const LOWER_TAIL = (1 - LEVEL) / 2;
export const UPPER_TAIL = 1 - LOWER_TAIL;

export const interval = (low: number, high: number): Interval => ({ low, high, level: LEVEL });

export const contains = ({ low, high }: Interval, value: number): boolean => value >= low && value <= high;
