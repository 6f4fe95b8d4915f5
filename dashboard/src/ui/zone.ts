/** In which zone times are told: the reader's own, or UTC, which everybody shares. */
export type Zone = "local" | "utc";

const state: { zone: Zone } = { zone: "local" };
const listeners = new Set<() => void>();

export const zone = (): Zone => state.zone;

/** Told to every time on the page at once. */
export function setZone(next: Zone): void {
  state.zone = next;
  for (const listener of listeners) listener();
}

/** @returns ends listening */
export const onZone = (listener: () => void): (() => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};
