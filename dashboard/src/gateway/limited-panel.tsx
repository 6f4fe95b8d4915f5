import { LimitedCallersDocument } from "../../../schema/generated/documents.ts";
import { usePolled } from "../graphql/live.ts";
import { count } from "../ui/format.ts";
import { Panel } from "../ui/panel.tsx";

/** Who asked more often than allowed; for administrators alone, because it names people. */
export function LimitedPanel({ asked }: { asked: { from: string; to?: string } }) {
  const live = usePolled(LimitedCallersDocument, asked, { everyMs: 15_000 });
  return (
    <Panel
      title="Callers that were refused"
      live={live}
      lines={3}
      empty={({ gatewayHealth }) =>
        gatewayHealth.history.limited.length === 0
          ? "Nobody asked more often than the rate limit allows."
          : undefined
      }
    >
      {({ gatewayHealth }) => (
        <ol className="rows compact">
          {gatewayHealth.history.limited.map(({ caller, refusals }) => (
            <li key={caller}>
              <code>{caller}</code>
              <span className="number">{count(refusals)} times</span>
            </li>
          ))}
        </ol>
      )}
    </Panel>
  );
}
