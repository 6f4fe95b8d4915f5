/** At most one message that waits until the next one has gone out. */
export interface HeldBack {
  isFull(): boolean;
  /** Keeps it; without a next message it goes out after `longestMs`. */
  hold(send: () => void, longestMs: number): void;
  release(): void;
  /** Drops it. */
  close(): void;
}

export function createHeldBack(): HeldBack {
  let held: { send: () => void; timer: NodeJS.Timeout } | undefined;
  const take = () => {
    const taken = held;
    clearTimeout(taken?.timer);
    held = undefined;
    return taken;
  };
  return {
    isFull: () => held !== undefined,
    hold: (send, longestMs) => {
      held = { send, timer: setTimeout(() => take()?.send(), longestMs) };
    },
    release: () => take()?.send(),
    close: () => {
      take();
    },
  };
}
