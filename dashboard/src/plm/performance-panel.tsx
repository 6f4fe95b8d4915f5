import { PlmPerformanceDocument, type PlmPerformanceQuery } from "../../../schema/generated/documents.ts";
import { usePolled } from "../graphql/live.ts";
import { count, milliseconds, percent } from "../ui/format.ts";
import { Panel } from "../ui/panel.tsx";
import { TableHead } from "../ui/table-head.tsx";

type Window = PlmPerformanceQuery["hour"];

const LINES: readonly (readonly [
  name: string,
  value: (window: Window) => number | null,
  format: (value: number) => string,
])[] = [
  ["Calls", ({ calls }) => calls, count],
  ["Median", ({ p50Ms }) => p50Ms, milliseconds],
  ["95 % within", ({ p95Ms }) => p95Ms, milliseconds],
  ["99 % within", ({ p99Ms }) => p99Ms, milliseconds],
  ["Failed", ({ errorRate }) => errorRate, percent],
  ["From the cache", ({ hitRatio }) => hitRatio, percent],
  ["Stood in for", ({ fallbackRate }) => fallbackRate, percent],
  ["Different from the MRP", ({ diffRate }) => diffRate, percent],
];

/** The latest minutes beside the hour and the day they belong to. */
export function PerformancePanel() {
  const live = usePolled(PlmPerformanceDocument, {}, { everyMs: 15_000 });
  return (
    <Panel title="Performance, compared" live={live} lines={8}>
      {({ minutes, hour, day }) => (
        <table>
          <TableHead columns={["", ["5 min", "right"], ["Hour", "right"], ["Day", "right"]]} />
          <tbody>
            {LINES.map(([name, value, format]) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                {[minutes, hour, day].map((window, index) => (
                  <td key={index} className="number right">
                    {shown(value(window), format)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  );
}

const shown = (value: number | null, format: (value: number) => string) =>
  value === null ? "–" : format(value);
