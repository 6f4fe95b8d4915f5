/** Timers of a page in the background are slowed down to once a minute; a longer silence is a sleep of the machine. */
const SLEPT_MS = 150_000;
const LOOK_MS = 5_000;

const listeners = new Set<() => void>();
const tell = () => {
  for (const listener of listeners) listener();
};

const clock = { seenMs: Date.now() };
setInterval(() => {
  const hasSlept = Date.now() - clock.seenMs > SLEPT_MS;
  clock.seenMs = Date.now();
  if (hasSlept) tell();
}, LOOK_MS);
addEventListener("online", tell);

/**
 * Calls when the machine has slept, or is on the network again: what was open by then is not to be relied upon.
 *
 * @returns ends it
 */
export function onWake(act: () => void): () => void {
  listeners.add(act);
  return () => listeners.delete(act);
}
