import { trace, type Context, type Link, type Span, type SpanContext, type Tracer } from "@opentelemetry/api";

/** A span as it was recorded. */
export interface RecordedSpan {
  name: string;
  traceId: string;
  spanId: string;
  parentSpanId: string | undefined;
  links: readonly string[];
  attributes: Record<string, unknown>;
  failed: boolean;
  hasEnded: boolean;
}

/** What an SDK with an exporter in memory would keep, with ids that can be foretold. */
export function createRecordingTracer(): { tracer: Tracer; spans: RecordedSpan[] } {
  const spans: RecordedSpan[] = [];
  const startSpan: Tracer["startSpan"] = (name, options = {}, context?: Context): Span => {
    const parent = context && trace.getSpanContext(context);
    const number = spans.length + 1;
    const record: RecordedSpan = {
      name,
      traceId: parent?.traceId ?? number.toString(16).padStart(32, "a"),
      spanId: number.toString(16).padStart(16, "b"),
      parentSpanId: parent?.spanId,
      links: (options.links ?? []).map((link: Link) => link.context.spanId),
      attributes: { ...options.attributes },
      failed: false,
      hasEnded: false,
    };
    spans.push(record);
    const spanContext: SpanContext = { traceId: record.traceId, spanId: record.spanId, traceFlags: 1 };
    const span: Pick<Span, "spanContext" | "isRecording" | "setAttributes" | "setStatus" | "end"> = {
      spanContext: () => spanContext,
      isRecording: () => true,
      setAttributes: (attributes) => {
        Object.assign(record.attributes, attributes);
        return span as Span;
      },
      setStatus: () => {
        record.failed = true;
        return span as Span;
      },
      end: () => {
        record.hasEnded = true;
      },
    };
    return span as Span;
  };
  return { tracer: { startSpan } as Tracer, spans };
}
