/**
 * How often something is repeated: `quick` in the suite that people wait for, `full` in CI and before a release
 * (`TEST_DEPTH=full`). What is checked is the same.
 */
export const depth = (quick: number, full: number): number =>
  process.env["TEST_DEPTH"] === "full" ? full : quick;
