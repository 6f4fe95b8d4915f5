/**
 * Whether this is the run of CI and before a release (`TEST_DEPTH=full`), not the one that people wait for. What starts
 * whole processes again and again, or fills memories for seconds, runs in full only.
 */
export const isFull = process.env["TEST_DEPTH"] === "full";

/** How often something is repeated: `quick` in the suite that people wait for, `full` in CI. What is checked is the same. */
export const depth = (quick: number, full: number): number => (isFull ? full : quick);
