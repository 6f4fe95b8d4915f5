/** How often a caller read the legacy product API, by endpoint. */
export interface LegacyCaller {
  caller: string;
  endpoint: string;
  reads: number;
  lastReadAt: Date;
}

/** What still speaks against the retirement of the legacy API and its tables, each as a sentence. */
export function retirementProblems(
  callers: readonly LegacyCaller[],
  state: { plmIsSourceOfTruth: boolean; days: number },
): readonly string[] {
  const reads = callers.map(
    ({ caller, endpoint, reads }) =>
      `${caller} read ${endpoint} ${reads} ${reads === 1 ? "time" : "times"} in the last ${state.days} days`,
  );
  return state.plmIsSourceOfTruth
    ? reads
    : [...reads, "the product tables may still change: switch PLM_IS_SOURCE_OF_TRUTH on first"];
}
