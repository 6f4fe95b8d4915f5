import { open, realpath } from "node:fs/promises";
import { resolve, sep } from "node:path";
import type { Documents } from "../operations/control-ports.ts";

/** Larger files are not read: nothing that is compared here is that large. */
const LARGEST_BYTES = 16 * 1_048_576;

/** Files of one folder; without a folder there are none. Links that lead out of it are not followed. */
export function createDocuments(folder: string | undefined): Documents {
  if (folder === undefined) return { read: async () => undefined };
  return {
    read: async (path) => {
      if (path.includes("\0")) return undefined;
      const file = await inside(folder, path).catch(() => undefined);
      return file === undefined ? undefined : readText(file);
    },
  };
}

/** The real place of a path, or undefined when that is outside of the folder. */
async function inside(folder: string, path: string): Promise<string | undefined> {
  const root = await realpath(folder);
  const file = await realpath(resolve(root, path));
  return file.startsWith(root + sep) ? file : undefined;
}

async function readText(file: string): Promise<string | undefined> {
  const handle = await open(file);
  try {
    const stats = await handle.stat();
    return stats.isFile() && stats.size <= LARGEST_BYTES ? await handle.readFile("utf8") : undefined;
  } finally {
    await handle.close();
  }
}
