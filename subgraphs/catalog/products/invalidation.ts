import type { Events } from "../plm/events.ts";
import type { Catalogue } from "./domain/catalogue.ts";
import type { Cache } from "./operations/ports.ts";
import { CATALOGUE_KEY } from "./operations/read-catalogue.ts";
import { configurationKey } from "./operations/read-configuration.ts";
import type { CatalogDeps } from "../deps.ts";

const TOPIC = "cache";
const SHRINK = "shrink";
/** How long a smaller catalogue is believed after an admin has said that it is right. */
const SHRINK_ACCEPTED_MS = 60_000;

interface InvalidationDeps extends CatalogDeps {
  events: Events;
  caches: readonly Pick<Cache<unknown>, "expire">[];
}

/** Makes what is in the caches of all replicas no longer fresh; it may still stand in for a PLM that fails. */
export function createInvalidation({ events, caches, clock }: InvalidationDeps) {
  let shrinkAcceptedUntilMs = 0;
  const expire = (key: string | undefined) => {
    for (const cache of caches) cache.expire(key);
  };
  // With no key: hints were lost, so anything may have changed.
  events.on(TOPIC, (key) => expire(key === "" ? undefined : key));
  events.on(SHRINK, (key) => {
    if (key !== undefined) shrinkAcceptedUntilMs = clock.now().getTime() + SHRINK_ACCEPTED_MS;
  });
  const tell = async (key: string) => {
    expire(key === "" ? undefined : key);
    await events.tell(TOPIC, key);
  };
  return {
    isShrinkAccepted: () => clock.now().getTime() < shrinkAcceptedUntilMs,
    acceptShrink: async () => {
      shrinkAcceptedUntilMs = clock.now().getTime() + SHRINK_ACCEPTED_MS;
      await events.tell(SHRINK, "accepted");
    },
    /** By any name of a model, the PLM's or ours; all models without names. Answers how many entries expired. */
    invalidate: async (catalogue: Catalogue, names: readonly string[] | undefined): Promise<number> => {
      if (!names) {
        await tell("");
        return 1 + catalogue.length;
      }
      const wanted = new Set(names);
      const models = catalogue.filter(({ id, code, plmId }) =>
        [id, code, plmId ?? id].some((name) => wanted.has(name)),
      );
      for (const key of [CATALOGUE_KEY, ...models.map(({ code }) => configurationKey(code))]) await tell(key);
      return 1 + models.length;
    },
  };
}
