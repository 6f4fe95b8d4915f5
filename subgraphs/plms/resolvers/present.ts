import { notFound } from "../../../lib/errors.ts";

/**
 * The value, which the schema promises to be there.
 *
 * @throws CodedError NOT_FOUND when it is gone
 */
export async function present<T>(value: Promise<T | null>, entity: string, id: string | number): Promise<T> {
  const found = await value;
  if (found === null) throw notFound(entity, String(id));
  return found;
}
