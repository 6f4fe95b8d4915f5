/** Something that is made when it has been wanted often enough. */
export interface WhenUsed<T> {
  /** Counts, and gives it from the agreed use on; undefined before. */
  use(): T | undefined;
  /** Makes it now, for what is known to be used. */
  make(): void;
}

/** @param atUse the use that makes it, counted from 1 */
export function madeWhenUsed<T>(atUse: number, create: () => T): WhenUsed<T> {
  let made: { value: T } | undefined;
  let uses = 0;
  const make = () => (made ??= { value: create() });
  return {
    use: () => {
      if (made) return made.value;
      uses += 1;
      return uses >= atUse ? make().value : undefined;
    },
    make,
  };
}
