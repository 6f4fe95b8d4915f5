import type { ExecutionResult, GraphQLError } from "graphql";
import { isJsonObject, isRawJSON } from "../json.ts";
import type { Announced, Deliver, Increment, Path, Progress } from "../payload.ts";
import { MARKER, type DeferredPart } from "./split-deferred.ts";

export interface DeferredRun {
  parts: readonly DeferredPart[];
  runPrimary: () => Promise<ExecutionResult>;
  /** Called when the part around it has been run. */
  runPart: (part: DeferredPart) => Promise<ExecutionResult>;
}

/** Executes what is not deferred and then all parts at once, each as soon as the one around it is there. */
export async function executeDeferred(run: DeferredRun, deliver: Deliver): Promise<void> {
  const first = await run.runPrimary();
  const isOver = !first.data;
  let pending = isOver ? 0 : run.parts.length;
  const announced = (parent: DeferredPart | undefined, { data }: ExecutionResult, held: readonly Path[]) =>
    run.parts
      .filter((part) => part.parent === parent?.id)
      .flatMap((part) => announce(part, placesWithin(held, placesOf(data, part.path))));
  deliver(
    { ...unmarked(first), hasNext: pending > 0 },
    { pending: announced(undefined, first, WHOLE), completed: [] },
  );
  if (isOver) return;
  // All parts share what went wrong; each error is told once.
  const told = new Set((first.errors ?? []).map(tell));
  let untold: Progress = { pending: [], completed: [] };

  /** `held` is where the client has what is around the parts: a null elsewhere in the answer may have taken it. */
  const runBelow = async (
    parent: DeferredPart | undefined,
    before: ExecutionResult,
    held: readonly Path[],
  ): Promise<void> => {
    const children = run.parts.filter((part) => part.parent === parent?.id);
    await Promise.all(
      children.map(async (part) => {
        const after = await run.runPart(part);
        pending -= 1;
        const errors = (after.errors ?? []).filter((error) => !told.has(tell(error)));
        for (const error of errors) told.add(tell(error));
        const places = placesWithin(held, placesOf(before.data, part.path));
        const incremental = incrementsOf(part, { places, after: { ...after, errors } });
        const progress = {
          pending: [...untold.pending, ...announced(part, after, places)],
          completed: [...untold.completed, ...completedBy(announce(part, places), incremental)],
        };
        const isSaid = incremental.length > 0 || pending === 0;
        untold = isSaid ? { pending: [], completed: [] } : progress;
        if (incremental.length > 0) deliver({ incremental, hasNext: pending > 0 }, progress);
        else if (pending === 0) deliver({ hasNext: false }, progress);
        await runBelow(part, after, places);
      }),
    );
  };
  await runBelow(undefined, first, WHOLE);
}

/** A part once for each object that has it. */
const announce = ({ id, label }: DeferredPart, places: readonly Path[]): Announced[] =>
  places.map((at) => ({
    id: [id, ...at.filter((key) => typeof key === "number")].join("."),
    path: at,
    ...(label !== undefined && { label }),
  }));

const completedBy = (places: readonly Announced[], increments: readonly Increment[]): Progress["completed"] =>
  places.map(({ id, path }) => {
    const increment = increments.find((each) => each.path.join("\n") === path.join("\n"));
    return { id, ...(increment && { increment }) };
  });

/** One increment for each object that has the part; errors go with the object that they are about. */
function incrementsOf(
  { label }: DeferredPart,
  { places, after }: { places: readonly Path[]; after: ExecutionResult },
): Increment[] {
  const { errors = [] } = after;
  const targets = places.map((at) => ({ at, value: valueAt(after.data, at) }));
  const own = (at: Path) => errors.filter((error) => at.every((key, depth) => error.path?.[depth] === key));
  const lost = errors.filter((error) => !targets.some(({ at }) => own(at).includes(error)));
  return targets.flatMap(({ at, value }, index) => {
    const about = [...own(at), ...(index === 0 ? lost : [])];
    const data = isJsonObject(value) ? withoutMarkers(value) : null;
    if (data && Object.keys(data).length === 0 && about.length === 0) return [];
    return [
      { path: at, ...(label !== undefined && { label }), data, ...(about.length > 0 && { errors: about }) },
    ];
  });
}

const tell = ({ message, path }: GraphQLError) => JSON.stringify([message, path]);

/** The whole answer. */
const WHOLE: readonly Path[] = [[]];

const placesWithin = (held: readonly Path[], places: readonly Path[]): Path[] =>
  places.filter((at) => held.some((around) => around.every((key, depth) => at[depth] === key)));

/** Where the objects at a path stand, lists by index; nothing below a null. */
function placesOf(data: unknown, path: readonly string[], at: Path = []): Path[] {
  if (Array.isArray(data)) return data.flatMap((element, index) => placesOf(element, path, [...at, index]));
  if (!isJsonObject(data)) return [];
  const [key, ...rest] = path;
  return key === undefined ? [at] : placesOf(data[key], rest, [...at, key]);
}

function valueAt(data: unknown, at: Path): unknown {
  return at.reduce<unknown>(
    (value, key) => (typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined),
    data,
  );
}

const unmarked = (result: ExecutionResult): ExecutionResult =>
  result.data ? { ...result, data: withoutMarkers({ ...result.data }) } : result;

function withoutMarkers<T>(value: T): T {
  if (Array.isArray(value)) return value.map(withoutMarkers) as T;
  if (!isJsonObject(value) || isRawJSON(value)) return value;
  const entries = Object.entries(value).filter(([key]) => key !== MARKER);
  return Object.fromEntries(entries.map(([key, inner]) => [key, withoutMarkers(inner)])) as T;
}
