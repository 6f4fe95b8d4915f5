import { useSyncExternalStore } from "react";
import { onZone, zone, type Zone } from "./zone.ts";

/** The zone that times are told in; whoever asks is drawn again when it changes. */
export const useZone = (): Zone => useSyncExternalStore(onZone, zone);
