import type { Page } from "../../../tools/browser.ts";

/** Channels may differ by this much, 0-255, before a pixel counts: fonts are smoothed a little differently each time. */
const CHANNEL_TOLERANCE = 32;

/** Runs in the browser, which can read PNG; as text, because our types know no browser. */
const COUNT_DIFFERENCES = `async ([a, b], tolerance) => {
  const read = async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
    const { width, height } = bitmap;
    const context = new OffscreenCanvas(width, height).getContext("2d");
    context.drawImage(bitmap, 0, 0);
    return context.getImageData(0, 0, width, height);
  };
  const [one, other] = [await read(a), await read(b)];
  if (one.width !== other.width || one.height !== other.height) return 1;
  let differing = 0;
  for (let at = 0; at < one.data.length; at += 4) {
    const isDifferent = [0, 1, 2].some((channel) => Math.abs(one.data[at + channel] - other.data[at + channel]) > tolerance);
    if (isDifferent) differing += 1;
  }
  return differing / (one.width * one.height);
}`;

/** Share of the pixels, 0-1, in which two PNG images differ; 1 when their sizes do. Any page can tell. */
export async function differenceOf(page: Page, a: Buffer, b: Buffer): Promise<number> {
  const images = JSON.stringify([a.toString("base64"), b.toString("base64")]);
  return page.evaluate<number>(`(${COUNT_DIFFERENCES})(${images}, ${CHANNEL_TOLERANCE})`);
}
