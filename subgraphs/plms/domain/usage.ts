/** Which tokens a charge is for. Parts are counted in their whole as well; null where it was not told. */
export interface Usage {
  /** As the provider calls it. */
  model: string | null;
  inputTokens: number;
  outputTokens: number;
  /** Part of the input that a cache had. */
  cacheReadTokens: number | null;
  /** Part of the input that went into a cache. */
  cacheWriteTokens: number | null;
  /** Part of the output that was thought and not said. */
  reasoningTokens: number | null;
}

/** The name of the first part that is more than its whole; null when they agree. */
export function misfitOf(usage: Usage): "cacheReadTokens" | "reasoningTokens" | null {
  const cached = (usage.cacheReadTokens ?? 0) + (usage.cacheWriteTokens ?? 0);
  if (cached > usage.inputTokens) return "cacheReadTokens";
  return (usage.reasoningTokens ?? 0) > usage.outputTokens ? "reasoningTokens" : null;
}
