import { ShadowDiffsDocument } from "../../../schema/generated/documents.ts";
import { usePolled } from "../graphql/live.ts";
import { Figure } from "../ui/facts.tsx";
import { count } from "../ui/format.ts";
import { Panel } from "../ui/panel.tsx";
import { Anchor } from "../ui/router.tsx";

/** How many differences nobody has explained yet, and the way to them. */
export function DiffsSummary() {
  const open = usePolled(ShadowDiffsDocument, { first: 1, filter: { isOpen: true } });
  const critical = usePolled(ShadowDiffsDocument, {
    first: 1,
    filter: { isOpen: true, severity: "CRITICAL" },
  });
  return (
    <Panel title="Differences between PLM and MRP" live={open} lines={2} className="wide">
      {({ shadowDiffs }) => (
        <div className="figures">
          <Figure
            label="Not classified"
            note={<Anchor to="/differences?open=yes">see what they have in common</Anchor>}
          >
            {count(shadowDiffs.totalCount)}
          </Figure>
          <Figure
            label="Of them critical"
            note={<Anchor to="/differences?open=yes&severity=CRITICAL&by=LINES">line by line</Anchor>}
          >
            {critical.data ? count(critical.data.shadowDiffs.totalCount) : "–"}
          </Figure>
        </div>
      )}
    </Panel>
  );
}
