#!/usr/bin/env bash
# Two OpenTelemetry instrumentations tell different input tokens for one answer of Anthropic, and a price table takes both.
#
# Packages: @traceloop/instrumentation-anthropic 0.27.0, @arizeai/openinference-instrumentation-anthropic 0.2.8,
# @anthropic-ai/sdk 0.120.0, @pydantic/genai-prices 0.1.8.
# Seen: of an answer whose usage is 4,000 tokens of input, 3,000 read from the cache and 500 of output, OpenLLMetry's span has
# 4,000 as its input and OpenInference's 7,000, both with the same 3,000 of the cache beside it. genai-prices counts the cache as
# a part of the input and computes 0.0114 USD and 0.0204 USD for the same call. With 50 and 100,000 the first is an error instead.
# Exits with 1 when any of this changes.
set -euo pipefail
work="$(mktemp -d)"; trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund @traceloop/instrumentation-anthropic@0.27.0 @pydantic/genai-prices@0.1.8 \
  @arizeai/openinference-instrumentation-anthropic@0.2.8 @anthropic-ai/sdk@0.120.0 @opentelemetry/sdk-trace-base@2.12.1 \
  @opentelemetry/api@1.9.1
cat > try.cjs <<'JS'
const { createServer } = require("node:http");
const { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } = require("@opentelemetry/sdk-trace-base");
const { calcPrice } = require("@pydantic/genai-prices");
const sdk = require("@anthropic-ai/sdk");
const instrumentations = {
  OpenLLMetry: require("@traceloop/instrumentation-anthropic").AnthropicInstrumentation,
  OpenInference: require("@arizeai/openinference-instrumentation-anthropic").AnthropicInstrumentation,
};
const model = "claude-sonnet-4-5";
let usage;
const server = createServer((request, response) => {
  request.resume().on("end", () => {
    const content = [{ type: "text", text: "yes" }];
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ id: "1", type: "message", role: "assistant", model, content, stop_reason: "end_turn", usage }));
  });
});

const name = process.argv[2];
const spans = new InMemorySpanExporter();
const instrumentation = new instrumentations[name]();
instrumentation.setTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] }));
instrumentation.manuallyInstrument(sdk);

/** The tokens in the span of one call, as the instrumentation tells them. */
async function tokensTold() {
  const client = new sdk.Anthropic({ apiKey: "none", baseURL: `http://127.0.0.1:${server.address().port}`, logLevel: "off" });
  await client.messages.create({ model, max_tokens: 1000, messages: [{ role: "user", content: "?" }] });
  const told = spans.getFinishedSpans().at(-1).attributes;
  return {
    input_tokens: told["gen_ai.usage.input_tokens"] ?? told["llm.token_count.prompt"],
    cache_read_tokens: told["gen_ai.usage.cache_read.input_tokens"] ?? told["llm.token_count.prompt_details.cache_read"],
    output_tokens: told["gen_ai.usage.output_tokens"] ?? told["llm.token_count.completion"],
  };
}
function priceOf(tokens) {
  try { return Number(calcPrice(tokens, model, { providerId: "anthropic" }).total_price.toFixed(6)); }
  catch (error) { return error.message; }
}
server.listen(0, "127.0.0.1", async () => {
  const seen = [];
  for (const [input, cached] of [[4000, 3000], [50, 100000]]) {
    usage = { input_tokens: input, cache_read_input_tokens: cached, cache_creation_input_tokens: 0, output_tokens: 500 };
    const tokens = await tokensTold();
    console.log(`Anthropic: ${input} + ${cached} cached. ${name}: ${JSON.stringify(tokens)}. Price: ${priceOf(tokens)}`);
    seen.push(tokens.input_tokens, tokens.cache_read_tokens, priceOf(tokens));
  }
  server.close();
  server.closeAllConnections();
  const error = "Invalid usage data: cache_read_tokens (100000) cannot exceed input_tokens (50)";
  const expected = { OpenLLMetry: [4000, 3000, 0.0114, 50, 100000, error], OpenInference: [7000, 3000, 0.0204, 100050, 100000, 0.03765] };
  process.exitCode = JSON.stringify(seen) === JSON.stringify(expected[name]) ? 0 : 1;
});
JS
echo "traceloop 0.27.0, openinference 0.2.8, genai-prices 0.1.8, Anthropic's SDK 0.120.0:"
node try.cjs OpenLLMetry
node try.cjs OpenInference
echo "as it was: OpenLLMetry leaves what the cache had out of the input, OpenInference counts it in, and both have a price"
