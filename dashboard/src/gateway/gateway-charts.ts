import type { GatewayHistoryQuery } from "../../../schema/generated/documents.ts";
import { secondsOf, type Chart, type ChartMark } from "../time/series.ts";

export type GatewayHistory = GatewayHistoryQuery["gatewayHealth"]["history"];
type Point = GatewayHistory["points"][number];

const frame = ({ points, from, to }: GatewayHistory) => ({
  times: points.map((point) => secondsOf(point.from)),
  span: [secondsOf(from), secondsOf(to)] as const,
});

const perSecond = ({ from, to }: Point, count: number): number =>
  count / Math.max(1, secondsOf(to) - secondsOf(from));

const values = ({ points }: GatewayHistory, of: (point: Point) => number | null) => points.map(of);

/** How many operations came in a second, and how many of them were answered with errors or refused. */
export const rateChart = (history: GatewayHistory): Chart => ({
  ...frame(history),
  lines: [
    {
      name: "operations / s",
      look: "main",
      values: values(history, (point) => perSecond(point, point.operations)),
    },
    {
      name: "with errors / s",
      look: "bad",
      values: values(history, (point) => perSecond(point, point.failed)),
    },
    {
      name: "refused / s",
      look: "second",
      values: values(history, (point) => perSecond(point, point.limited)),
    },
  ],
});

/** How long operations took, and events until everybody had them. */
export const durationChart = (history: GatewayHistory): Chart => ({
  ...frame(history),
  lines: [
    { name: "95 % answered within", look: "main", values: values(history, ({ p95Ms }) => p95Ms) },
    { name: "half answered within", look: "second", values: values(history, ({ p50Ms }) => p50Ms) },
    {
      name: "95 % of events handed on within",
      look: "expected",
      values: values(history, ({ lagP95Ms }) => lagP95Ms),
    },
  ],
});

/** How fast a subgraph answered, beside the changes of its circuit. */
export function subgraphChart(history: GatewayHistory, name: string, marks: readonly ChartMark[]): Chart {
  const of = (point: Point) => point.subgraphs.find((subgraph) => subgraph.name === name);
  return {
    ...frame(history),
    marks,
    lines: [
      {
        name: "95 % answer within",
        look: "main",
        values: values(history, (point) => of(point)?.p95Ms ?? null),
      },
    ],
  };
}

/** What a sum over all steps is. */
export const totalOf = ({ points }: GatewayHistory, of: (point: Point) => number): number =>
  points.reduce((sum, point) => sum + of(point), 0);
