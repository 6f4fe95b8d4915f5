import { Pool } from "undici";

export interface LoadOptions {
  url: string;
  /** Bodies to send in turn. */
  bodies: readonly string[];
  /** Or several sets of them to send in turn. */
  headers: Readonly<Record<string, string>> | readonly Readonly<Record<string, string>>[];
  durationMs: number;
  connections: number;
  /** Ends earlier after this many requests. */
  atMost?: number;
}

export interface LoadResult {
  requests: number;
  failures: number;
  elapsedMs: number;
}

/** Keeps a number of requests in flight for a while. */
export async function load(options: LoadOptions): Promise<LoadResult> {
  const { url, bodies, durationMs, connections, atMost = Number.POSITIVE_INFINITY } = options;
  const { origin, pathname } = new URL(url);
  const pool = new Pool(origin, { connections, pipelining: 1, headersTimeout: 30_000, bodyTimeout: 30_000 });
  const headerSets = [options.headers]
    .flat()
    .map((each) => ({ "content-type": "application/json", ...each }));
  const startedMs = performance.now();
  let requests = 0;
  let failures = 0;
  const client = async () => {
    while (performance.now() - startedMs < durationMs && requests < atMost) {
      const body = bodies[requests % bodies.length] ?? "";
      const headers = headerSets[requests % headerSets.length] ?? {};
      requests++;
      const response = await pool.request({ method: "POST", path: pathname, headers, body });
      await response.body.dump({ limit: 64_000_000 });
      if (response.statusCode !== 200) failures++;
    }
  };
  await Promise.all(Array.from({ length: connections }, client));
  const elapsedMs = performance.now() - startedMs;
  await pool.close();
  return { requests, failures, elapsedMs };
}
