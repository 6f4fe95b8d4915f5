import type { GatewayHealthQuery } from "../../../schema/generated/documents.ts";
import type { Live } from "../graphql/live.ts";
import { compact, count } from "../ui/format.ts";
import { Panel } from "../ui/panel.tsx";
import { FiguresTable } from "./figures-table.tsx";

type Stream = GatewayHealthQuery["gatewayHealth"]["streams"][number];

/** Which streams of subgraphs are open, and how many clients share each. */
export function StreamsPanel({ live }: { live: Live<GatewayHealthQuery> }) {
  return (
    <Panel
      title="Streams and who shares them"
      live={live}
      lines={5}
      empty={({ gatewayHealth }) =>
        gatewayHealth.streams.length === 0 ? "Nobody subscribes to anything." : undefined
      }
    >
      {({ gatewayHealth: { streams, subscriptions } }) => (
        <>
          <Streams streams={streams} />
          {subscriptions.triggers > streams.length && (
            <p className="hint">
              The {streams.length} that are shared most, of {count(subscriptions.triggers)}.
            </p>
          )}
        </>
      )}
    </Panel>
  );
}

const Streams = ({ streams }: { streams: readonly Stream[] }) => (
  <FiguresTable
    rows={streams}
    keyOf={({ name, field, since }, place) => `${name} ${field} ${since} ${place}`}
    title={["Stream", titleOf]}
    figures={[
      ["Listeners", ({ listeners }) => count(listeners)],
      ["Events", ({ events }) => compact(events)],
    ]}
    moment={["Open since", ({ since }) => since]}
  />
);

const titleOf = ({ name, field }: Stream) => (
  <>
    {name || field} {name && <span className="soft">{field}</span>}
  </>
);
