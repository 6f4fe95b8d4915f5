import type { CrewMember } from "./crew-member.ts";

const LOOK_EVERY_MS = 3_000;
/** Workers may differ from their mean by so much, or by a few. */
const SHARE = 0.05;
const FEW = 5;

/**
 * Evens out what a worker's death has made uneven: its clients have come back to the others, and the one in its place has
 * nobody. Whoever has too many twice in a row sends what is above the mean away, and those clients come to who has fewest.
 */
export function levelOut(serving: () => readonly CrewMember[]): NodeJS.Timeout {
  let before = new Set<CrewMember>();
  return setInterval(() => {
    const crew = serving();
    const mean = crew.reduce((sum, { open }) => sum + open, 0) / Math.max(1, crew.length);
    const above = crew.filter(({ open }) => open > mean * (1 + SHARE) + FEW);
    for (const member of above)
      if (before.has(member)) member.line.tell("shed", Math.floor(member.open - mean));
    before = new Set(above.filter((member) => !before.has(member)));
  }, LOOK_EVERY_MS).unref();
}
