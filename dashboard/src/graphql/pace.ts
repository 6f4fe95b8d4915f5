/** Takes the newest news of a source; what it has not handed on yet is out of date and forgotten. */
export interface Pace {
  hand(source: object, deliver: () => void): void;
  /** Forgets what the source still had to tell. */
  forget(source: object): void;
}

/**
 * Hands news on together, at once after a silence and then at most every `everyMs`: drawing a page is paid for each
 * time, whether one of its values has changed or twenty.
 *
 * @param everyMs milliseconds that news may wait
 */
export function createPace(everyMs: number): Pace {
  const waiting = new Map<object, () => void>();
  const state: { timer?: ReturnType<typeof setTimeout> | undefined } = {};
  const handOn = () => {
    const all = [...waiting.values()];
    waiting.clear();
    state.timer = all.length > 0 ? setTimeout(handOn, everyMs) : undefined;
    for (const deliver of all) deliver();
  };
  return {
    hand: (source, deliver) => {
      waiting.set(source, deliver);
      if (state.timer === undefined) handOn();
    },
    forget: (source) => waiting.delete(source),
  };
}
