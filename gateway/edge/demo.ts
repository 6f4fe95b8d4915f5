import { CodedError } from "../../lib/errors.ts";

/** What can go wrong in a demo, by how its PLM answers. */
export const DEMO_FAULTS = ["DOWN", "SLOW", "ERRORS", "MALFORMED", "EMPTY", "RATE_LIMITED"] as const;

export type DemoFault = (typeof DEMO_FAULTS)[number];

/** A PLM that is ours to break; only a demo has one. */
export interface Demo {
  /** Null while it is as it should be. */
  fault(): DemoFault | null;
  /** Lets every answer of the PLM go wrong in one way; null heals it. */
  setFault(fault: DemoFault | null): void;
}

/** @throws CodedError NOT_FOUND where no demo runs */
export function requireDemo(demo: Demo | undefined): Demo {
  if (demo) return demo;
  const message = "No demo runs here: its faults are for the PLM that npm start brings, not for a real one";
  throw new CodedError("NOT_FOUND", message);
}
