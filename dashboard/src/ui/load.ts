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
