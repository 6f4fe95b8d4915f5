#!/usr/bin/env bash
# OpenTelemetry sends one attribute of numbers as JSON of two types, and whole numbers too large for 64 bits as integers.
#
# Packages: @opentelemetry/sdk-trace 3.1.0, @opentelemetry/exporter-trace-otlp-http 0.301.0.
# Seen: the attribute `cost` leaves as {"doubleValue":2.5} where it is 2.5 and as {"intValue":2} where it is 2, so its type depends
# on its value, also within one array. The integer is a JSON number (JSON of protobuf writes 64-bit integers as text), 1e21 leaves as
# {"intValue":1e+21}, and not-a-number as {"doubleValue":null}. Exits with 1 when that changes.
set -euo pipefail
work="$(mktemp -d)"; trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund @opentelemetry/sdk-trace@3.1.0 @opentelemetry/exporter-trace-otlp-http@0.301.0 \
  @opentelemetry/api@1.10.0
cat > try.cjs <<'JS'
const { createServer } = require("node:http");
const { TracerProvider, SimpleSpanProcessor } = require("@opentelemetry/sdk-trace");
const { OTLPTraceExporter } = require("@opentelemetry/exporter-trace-otlp-http");
const costs = [2.5, 2, [2.5, 2], 1e21, NaN];
const sent = [];
const server = createServer((request, response) => {
  let body = "";
  request.on("data", (piece) => (body += piece)).on("end", () => {
    sent.push(/"key":"cost","value":(.*?)\}\],"dropped/.exec(body)?.[1]);
    response.setHeader("content-type", "application/json");
    response.end("{}");
  });
});
server.listen(0, "127.0.0.1", async () => {
  const exporter = new OTLPTraceExporter({ url: `http://127.0.0.1:${server.address().port}/v1/traces` });
  const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] });
  for (const cost of costs) {
    provider.getTracer("calls").startSpan("call", { attributes: { cost } }).end();
    await provider.forceFlush();
  }
  await provider.shutdown();
  server.close();
  costs.forEach((cost, index) => console.log(String(cost).padEnd(6), "leaves as", sent[index]));
  const expected = ['{"doubleValue":2.5}', '{"intValue":2}', '{"arrayValue":{"values":[{"doubleValue":2.5},{"intValue":2}]}}',
    '{"intValue":1e+21}', '{"doubleValue":null}'];
  process.exitCode = JSON.stringify(sent) === JSON.stringify(expected) ? 0 : 1;
});
JS
echo "@opentelemetry/sdk-trace 3.1.0, exporter-trace-otlp-http 0.301.0:"
node try.cjs
echo "as it was: what is whole leaves as an integer, however large"
