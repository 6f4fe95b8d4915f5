import { readFileSync, unwatchFile, watchFile } from "node:fs";

const POLL_MS = 1_000;

/** The text of a file; undefined when it cannot be read. */
export function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

/**
 * Calls back within a second of each change of the file; returns how to stop that. Node takes its first look at a
 * watched file a moment after this call, so a change between `before`, the text that was read, and that look is found by
 * comparing once.
 */
export function watchText(file: string, before: string | undefined, onChange: () => void): () => void {
  watchFile(file, { interval: POLL_MS, persistent: false }, onChange);
  const compareOnce = setTimeout(() => before !== textOf(file) && onChange(), POLL_MS).unref();
  return () => {
    clearTimeout(compareOnce);
    unwatchFile(file, onChange);
  };
}
