/** A numbered event of a topic. */
export interface Tick {
  topic: string;
  number: number;
  /** When it happened, in milliseconds since 1970, with fractions. */
  at: number;
  version: string;
  tenant: string;
  place: { code: string };
}

interface Listener {
  queue: Tick[];
  wake: (() => void) | undefined;
}

/** Numbered events by tenant and topic; whoever comes gets the latest number first and then every one. */
export function createTicker() {
  const numbers = new Map<string, number>();
  const listeners = new Map<string, Set<Listener>>();
  let opened = 0;
  let open = 0;

  const tickOf = (topic: string, tenant: string): Tick => {
    const number = numbers.get(`${tenant} ${topic}`) ?? 0;
    return {
      topic,
      tenant,
      number,
      at: performance.timeOrigin + performance.now(),
      version: String(number),
      place: { code: topic },
    };
  };

  return {
    emit: (topic: string, tenant: string): number => {
      const key = `${tenant} ${topic}`;
      numbers.set(key, (numbers.get(key) ?? 0) + 1);
      const tick = tickOf(topic, tenant);
      for (const listener of listeners.get(key) ?? []) {
        listener.queue.push(tick);
        listener.wake?.();
      }
      return tick.number;
    },
    watch: (topic: string, tenant: string): AsyncIterableIterator<Tick> => {
      const key = `${tenant} ${topic}`;
      const listener: Listener = { queue: [tickOf(topic, tenant)], wake: undefined };
      const peers = listeners.get(key) ?? new Set();
      listeners.set(key, peers.add(listener));
      opened += 1;
      open += 1;
      const state = { ended: false };
      const stream: AsyncIterableIterator<Tick> = {
        next: async () => {
          while (!state.ended && listener.queue.length === 0)
            await new Promise<void>((resolve) => (listener.wake = resolve));
          const [value] = listener.queue.splice(0, 1);
          return state.ended || !value ? { value: undefined, done: true } : { value, done: false };
        },
        return: async () => {
          if (!state.ended) {
            state.ended = true;
            open -= 1;
            peers.delete(listener);
            listener.wake?.();
          }
          return { value: undefined, done: true };
        },
        [Symbol.asyncIterator]: () => stream,
      };
      return stream;
    },
    get openStreams() {
      return open;
    },
    get openedStreams() {
      return opened;
    },
  };
}
