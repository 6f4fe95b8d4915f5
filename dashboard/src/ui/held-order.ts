import { useState } from "react";

/** Whoever has not touched the page for this long is not about to press what would move. */
const AWAY_MS = 30_000;

const reader = { touchedAtMs: Date.now() };
for (const kind of ["pointermove", "pointerdown", "keydown", "wheel"])
  addEventListener(kind, () => void (reader.touchedAtMs = Date.now()), { passive: true });

interface HeldOrder<T> {
  /** In the order in which they were first shown, each as it is by now. */
  items: readonly T[];
  /** True when the list would look otherwise by now. */
  hasMoved: boolean;
  /** Shows it as it is by now. */
  catchUp: () => void;
}

interface State<T> {
  what: string;
  newest: readonly T[];
  shown: readonly T[];
}

/**
 * Keeps a list in its place while somebody reads it: what is about to be pressed does not move away under the pointer. What
 * has left the list stays where it was until the reader wants to see the new order, or has been away for half a minute.
 *
 * @param what which list this is; another one is shown as it comes
 */
export function useHeldOrder<T>(
  newest: readonly T[],
  { what, idOf }: { what: string; idOf: (item: T) => string },
): HeldOrder<T> {
  const [state, setState] = useState<State<T>>({ what, newest, shown: newest });
  if (state.newest !== newest) {
    const isOther = state.what !== what || Date.now() - reader.touchedAtMs > AWAY_MS;
    const byId = new Map(newest.map((item) => [idOf(item), item]));
    const shown = isOther ? newest : state.shown.map((item) => byId.get(idOf(item)) ?? item);
    setState({ what, newest, shown });
  }
  const { shown } = state;
  return {
    items: shown,
    hasMoved: shown.map(idOf).join() !== newest.map(idOf).join(),
    catchUp: () => setState({ what, newest, shown: newest }),
  };
}
