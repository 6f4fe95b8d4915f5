type Path = readonly (string | number)[];

interface Piece {
  id?: string;
  path?: Path;
  subPath?: Path;
  data?: unknown;
  items?: readonly unknown[];
}

/** One part of an answer, in either form of incremental delivery. */
export interface Payload {
  data?: unknown;
  hasNext?: boolean;
  pending?: readonly { id: string; path: Path }[];
  incremental?: readonly Piece[];
  completed?: readonly { id: string }[];
}

type Container = Record<string | number, unknown>;

/**
 * The data of an answer, put together from its parts.
 *
 * @throws Error when a part belongs to a place that is not there
 */
export function merged(payloads: readonly Payload[]): unknown {
  const [first] = payloads;
  const data = structuredClone(first?.data);
  const places = new Map<string, Path>();
  for (const { pending = [], incremental = [] } of payloads) {
    for (const { id, path } of pending) places.set(id, path);
    for (const piece of incremental) put(data, piece, places);
  }
  return data;
}

function put(data: unknown, piece: Piece, places: ReadonlyMap<string, Path>): void {
  const base = piece.path ?? places.get(piece.id ?? "") ?? [];
  if (piece.items) {
    // The form of 2022 says at which index they go in, the later one goes on at the end.
    const isAtIndex = piece.path !== undefined;
    const list = placeIn(data, isAtIndex ? base.slice(0, -1) : base) as unknown[];
    list.splice(isAtIndex ? Number(base.at(-1)) : list.length, 0, ...piece.items);
  } else if (typeof piece.data === "object" && piece.data !== null)
    into(placeIn(data, [...base, ...(piece.subPath ?? [])]) as Container, piece.data as Container);
}

const placeIn = (data: unknown, path: Path): unknown =>
  path.reduce<unknown>((at, step) => {
    const next = (at as Container | null | undefined)?.[step];
    if (next === undefined || next === null)
      throw new Error(`nothing is at ${path.join(".")} when its part comes`);
    return next;
  }, data);

/** Objects are merged, everything else is set. */
function into(target: Container, source: Container): void {
  for (const [key, value] of Object.entries(source)) {
    const there = target[key];
    const areObjects = [there, value].every((each) => typeof each === "object" && each !== null);
    if (areObjects) into(there as Container, value as Container);
    else target[key] = value;
  }
}
