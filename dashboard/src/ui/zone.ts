import { useSyncExternalStore } from "react";

/** In which zone times are told: the reader's own, or UTC, which everybody shares. */
export type Zone = "local" | "utc";

const KEY = "lifecycle-gateway.zone";
const stored = (): Zone => (localStorage.getItem(KEY) === "utc" ? "utc" : "local");
const state = { zone: stored() };
const listeners = new Set<() => void>();

const become = (next: Zone) => {
  state.zone = next;
  for (const listener of listeners) listener();
};
addEventListener("storage", () => become(stored()));

export const zone = (): Zone => state.zone;

/** Told to every time on every page of this browser at once, and remembered there. */
export function setZone(next: Zone): void {
  localStorage.setItem(KEY, next);
  become(next);
}

export const useZone = (): Zone =>
  useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, zone);
