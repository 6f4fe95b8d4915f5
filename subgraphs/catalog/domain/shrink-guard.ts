const LARGEST_LOSS_SHARE = 0.2;

/** True when a list has lost so many of its items at once that a mistake is likelier than a decision. */
export const isSuspiciouslySmall = ({ before, after }: { before: number; after: number }): boolean =>
  before - after > before * LARGEST_LOSS_SHARE;
