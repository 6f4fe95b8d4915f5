import { onZone, setZone, zone } from "./zone.ts";

const KEY = "lifecycle-gateway.zone";

/** Remembers in this browser in which zone times are told; its other pages follow at once. */
export function rememberZone(storage: Storage): void {
  const recall = () => setZone(storage.getItem(KEY) === "utc" ? "utc" : "local");
  recall();
  onZone(() => {
    if (storage.getItem(KEY) !== zone()) storage.setItem(KEY, zone());
  });
  addEventListener("storage", ({ key }) => {
    if (key === KEY) recall();
  });
}
