import type { DataSource, FallbackReason } from "../../../schema/generated/documents.ts";
import { Badge } from "./badge.tsx";
import { seconds, words } from "./format.ts";

const LABELS: Readonly<Record<DataSource, string>> = {
  PLM: "PLM",
  PLM_CACHE: "PLM, copy",
  PLM_STALE: "PLM, old copy",
  MRP: "MRP",
};

interface Origin {
  source: DataSource;
  stale: boolean;
  ageSeconds?: number;
  fallbackReason?: FallbackReason | null;
}

/** Where product data came from just now, how old it is, and why it is not the PLM's own answer. */
export function Provenance({ source, stale, ageSeconds, fallbackReason }: Origin) {
  const age = ageSeconds === undefined ? "" : ` ${seconds(ageSeconds)} old.`;
  const why = fallbackReason ? ` PLM ${words(fallbackReason)}.` : "";
  return (
    <span title={`From ${LABELS[source]}.${age}${why}`} className="provenance">
      <Badge value={source} label={LABELS[source]} />
      {(stale || fallbackReason) && (
        <span className="soft">
          {" "}
          {[stale && "stale", fallbackReason && words(fallbackReason)].filter(Boolean).join(", ")}
        </span>
      )}
    </span>
  );
}
