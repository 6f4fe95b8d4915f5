import type { HeldLimit } from "../errors/limit-names.ts";
import type { SharedBuckets } from "./shared-buckets.ts";

/** What other workers of this gateway hold of what is limited for all of them together. */
export interface HeldElsewhere {
  /** Of a key under a limit; the empty key is everybody's. */
  of(limit: HeldLimit, key: string): number;
  /** Tells the others how much is held here now, of at most so much. */
  changed(limit: HeldLimit, key: string, held: { count: number; most: number }): void;
}

/** Documents that clients registered at any worker. */
interface RegisteredDocuments {
  tell(hash: string, text: string): void;
  onTold(listener: (hash: string, text: string) => void): void;
}

/** The other workers of a gateway that runs in several processes. */
export interface Peers {
  /** Operations that all have taken; where Redis counts for all replicas, it does so for workers, too. */
  buckets: SharedBuckets;
  held: HeldElsewhere;
  documents: RegisteredDocuments;
}
