import {
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
  type SpanContext,
  type Tracer,
} from "@opentelemetry/api";
import { messageOf } from "../../lib/errors.ts";
import { traceparentFrom } from "../../lib/trace-context.ts";

/** A piece of work in a trace. */
export interface TracedWork {
  /** The header for those who do parts of it; the `parent` that was given when nothing is recorded. */
  traceparent: string | undefined;
  /** False when nothing is recorded: then there is nothing to end. */
  isRecorded: boolean;
  end(outcome?: { failed?: unknown; attributes?: Attributes }): void;
}

interface WorkDescription {
  kind: "operation" | "fetch" | "event";
  /** `traceparent` of the work that this is a part of. */
  parent?: string | undefined;
  /** `traceparent`s of work in other traces that has to do with it. */
  links?: readonly (string | undefined)[];
  attributes: Attributes;
}

/** Traces work; costs next to nothing while nobody has installed an OpenTelemetry SDK. */
export interface Tracing {
  begin(name: string, work: WorkDescription): TracedWork;
}

const KINDS = { operation: SpanKind.SERVER, fetch: SpanKind.CLIENT, event: SpanKind.CONSUMER };

export function createTracing(tracer: Tracer = trace.getTracer("lifecycle-gateway")): Tracing {
  return {
    begin: (name, { kind, parent, links = [], attributes }) => {
      const above = spanContextOf(parent);
      const span = tracer.startSpan(
        name,
        {
          kind: KINDS[kind],
          attributes,
          links: links.flatMap((link) => linkTo(spanContextOf(link))),
        },
        above ? trace.setSpanContext(ROOT_CONTEXT, above) : ROOT_CONTEXT,
      );
      if (!span.isRecording())
        return parent === undefined ? NOT_RECORDED : { ...NOT_RECORDED, traceparent: parent };
      return {
        traceparent: traceparentOf(span.spanContext()),
        isRecorded: true,
        end: ({ failed, attributes: more } = {}) => {
          if (more) span.setAttributes(more);
          if (failed !== undefined)
            span.setStatus({ code: SpanStatusCode.ERROR, message: messageOf(failed) });
          span.end();
        },
      };
    },
  };
}

/** One for all: there may be hundreds of thousands of subscriptions. */
const NOT_RECORDED: TracedWork = { traceparent: undefined, isRecorded: false, end: () => {} };

const linkTo = (context: SpanContext | undefined) => (context ? [{ context }] : []);

const traceparentOf = ({ traceId, spanId, traceFlags }: SpanContext): string =>
  `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, "0")}`;

function spanContextOf(traceparent: string | undefined): SpanContext | undefined {
  const [, traceId, spanId, flags] = traceparentFrom(traceparent)?.split("-") ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
}
