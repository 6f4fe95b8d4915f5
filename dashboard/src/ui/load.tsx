import { createElement, lazy, Suspense, type ComponentType } from "react";

const AGAIN_MS = [500, 1_000, 2_000, 4_000, 8_000];

/**
 * Loads a part of the page, again and again while the gateway is away.
 *
 * @throws what the last attempt threw: the part is not there any more, because the gateway has a newer page
 */
export async function untilLoaded<T>(load: () => Promise<T>): Promise<T> {
  for (const pauseMs of AGAIN_MS) {
    try {
      return await load();
    } catch {
      await new Promise((resolve) => {
        setTimeout(resolve, pauseMs);
      });
    }
  }
  return load();
}

/** A part of the page that comes in a file of its own once somebody wants it, and leaves the rest as it is meanwhile. */
export function onDemand<P extends object>(load: () => Promise<ComponentType<P>>): ComponentType<P> {
  const Loaded = lazy(async () => ({ default: await untilLoaded(load) })) as unknown as ComponentType<P>;
  return (props: P) => <Suspense>{createElement(Loaded, props)}</Suspense>;
}
