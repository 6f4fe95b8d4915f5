import type UPlot from "uplot";
import type { ChartMark } from "./series.ts";

const COLORS: Readonly<Record<ChartMark["kind"], string>> = {
  pause: "--chart-pause",
  budget: "--chart-limit",
  alert: "--chart-alert",
  outage: "--chart-outage",
  change: "--chart-second",
};

interface Pen {
  context: CanvasRenderingContext2D;
  colorOf: (kind: ChartMark["kind"]) => string;
  x: (seconds: number) => number;
  top: number;
  bottom: number;
}

/** Draws within the plotting area, and leaves the canvas as it was. */
function within(plot: UPlot, draw: (pen: Pen) => void): void {
  const { ctx: context, bbox } = plot;
  const styles = getComputedStyle(plot.root);
  context.save();
  context.beginPath();
  context.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  context.clip();
  draw({
    context,
    colorOf: (kind) => styles.getPropertyValue(COLORS[kind]),
    x: (seconds) => plot.valToPos(seconds, "x", true),
    top: bbox.top,
    bottom: bbox.top + bbox.height,
  });
  context.restore();
}

/** Stretches of time, behind the lines. */
export const drawSpans = (plot: UPlot, marks: readonly ChartMark[]): void =>
  within(plot, ({ context, colorOf, x, top, bottom }) => {
    for (const { kind, from, to } of marks) {
      if (to === undefined || kind === "alert") continue;
      context.fillStyle = colorOf(kind);
      context.fillRect(x(from), top, Math.max(1, x(to) - x(from)), bottom - top);
    }
  });

const HEAD_PX = 5;

/** Moments, in front of the lines: a dashed line, with a head for what somebody should look at. */
export const drawMarks = (plot: UPlot, marks: readonly ChartMark[]): void =>
  within(plot, ({ context, colorOf, x, top, bottom }) => {
    const head = HEAD_PX * devicePixelRatio;
    for (const { kind, from, to } of marks) {
      if (to !== undefined && kind !== "alert") continue;
      context.strokeStyle = colorOf(kind);
      context.fillStyle = context.strokeStyle;
      context.lineWidth = devicePixelRatio;
      context.setLineDash([3 * devicePixelRatio, 3 * devicePixelRatio]);
      context.beginPath();
      context.moveTo(x(from), top);
      context.lineTo(x(from), bottom);
      context.stroke();
      if (kind !== "alert") continue;
      context.beginPath();
      context.moveTo(x(from) - head, top);
      context.lineTo(x(from) + head, top);
      context.lineTo(x(from), top + head * 1.6);
      context.fill();
    }
  });
