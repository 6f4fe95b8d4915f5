import { sep } from "node:path";

/** The parts of a V8 CPU profile that tell self time. */
export interface CpuProfile {
  nodes: {
    id: number;
    callFrame: { functionName: string; url: string; lineNumber: number };
  }[];
  /** The node at each sample, and the microseconds since the one before. */
  samples: number[];
  timeDeltas: number[];
}

const IDLE = new Set(["(idle)", "(root)"]);

/** The functions that used most CPU time themselves, with their share of all time that was not idle. */
export function topSelfTime({ nodes, samples, timeDeltas }: CpuProfile, count: number) {
  const placeOf = new Map(nodes.map(({ id, callFrame }) => [id, placeName(callFrame)]));
  const selfUs = new Map<string, number>();
  let busyUs = 0;
  // The first half is start and warm-up.
  for (let index = Math.floor(samples.length / 2); index < samples.length; index++) {
    const place = placeOf.get(samples[index] ?? 0) ?? "";
    if (IDLE.has(place)) continue;
    const us = timeDeltas[index] ?? 0;
    busyUs += us;
    selfUs.set(place, (selfUs.get(place) ?? 0) + us);
  }
  return [...selfUs]
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, count)
    .map(([place, us]) => ({ place, share: us / busyUs }));
}

function placeName({ functionName, url, lineNumber }: CpuProfile["nodes"][number]["callFrame"]): string {
  if (url === "") return functionName;
  const file = url.split("/node_modules/").at(-1)?.split(sep).slice(-4).join("/");
  return `${functionName || "(anonymous)"} ${file}:${lineNumber + 1}`;
}
