import { lazy, Suspense } from "react";
import type { TimeChartProps } from "./time-chart.tsx";

const Loaded = lazy(async () => ({ default: (await import("./time-chart.tsx")).TimeChart }));

/** A chart whose code is loaded with the first one that is shown. */
export const LazyChart = (props: TimeChartProps) => (
  <Suspense fallback={<div className="time-chart" style={{ minHeight: (props.heightPx ?? 200) + 60 }} />}>
    <Loaded {...props} />
  </Suspense>
);
