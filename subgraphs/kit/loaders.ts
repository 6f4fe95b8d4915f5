import DataLoader from "dataloader";

/**
 * A loader for each combination of arguments: pages of many parents are one batch when they ask for the same.
 *
 * @example const tasks = perArguments((projectIds, page: PageArguments) => listTasks(store, projectIds, page));
 *   tasks({ first: 10 }).load("1");
 */
export function perArguments<Args, T, Key = string>(
  load: (keys: readonly Key[], args: Args) => Promise<T[]>,
): (args: Args) => DataLoader<Key, T> {
  const loaders = new Map<string, DataLoader<Key, T>>();
  return (args) => {
    const key = JSON.stringify(args);
    const loader = loaders.get(key) ?? new DataLoader((keys: readonly Key[]) => load(keys, args));
    loaders.set(key, loader);
    return loader;
  };
}
