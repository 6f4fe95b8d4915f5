#!/usr/bin/env bash
# A failure of a call that began before the outage opens cockatiel's circuit again, although its probe succeeds.
#
# Package: cockatiel 4.0.0.
# Seen: a circuit that opens after five failures in a row. A slow call begins; five others fail, and the circuit opens. Later it is
# half open and lets one probe through. While the probe runs, the slow call of before fails: the circuit opens again at once.
# The probe succeeds, its caller gets the answer, and the circuit stays open: the next caller is refused with
# BrokenCircuitError. Without the slow call the same probe closes the circuit. Exits with 1 when that changes.
set -euo pipefail
work="$(mktemp -d)"; trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund cockatiel@4.0.0
cat > try.cjs <<'JS'
const { setTimeout: sleep } = require("node:timers/promises");
const { circuitBreaker, CircuitState, ConsecutiveBreaker, handleAll } = require("cockatiel");

async function story(withSlowCall) {
  const circuit = circuitBreaker(handleAll, { halfOpenAfter: 2000, breaker: new ConsecutiveBreaker(5) });
  const states = [];
  circuit.onStateChange((state) => states.push(CircuitState[state]));
  let failSlowCall = () => {};
  let slowCall;
  if (withSlowCall) {
    const answer = new Promise((_, reject) => { failSlowCall = () => reject(new Error("timed out")); });
    slowCall = circuit.execute(() => answer).catch((error) => error.message);
  }
  for (let call = 0; call < 5; call++) await circuit.execute(() => Promise.reject(new Error("down"))).catch(() => {});
  await sleep(2500);
  let answerProbe;
  const probe = circuit.execute(() => new Promise((resolve) => { answerProbe = resolve; }));
  failSlowCall();
  await slowCall;
  answerProbe("well again");
  const answered = await probe;
  const next = await circuit.execute(async () => "well again").catch((error) => error.constructor.name);
  return `states ${states.join(", ")}; probe: ${answered}; next caller: ${next}`;
}
(async () => {
  const without = await story(false);
  const withIt = await story(true);
  console.log(`without a slow call: ${without}\nwith a slow call: ${withIt}`);
  const asItWas =
    without === "states Open, HalfOpen, Closed; probe: well again; next caller: well again" &&
    withIt === "states Open, HalfOpen, Open; probe: well again; next caller: BrokenCircuitError";
  process.exit(asItWas ? 0 : 1);
})();
JS
echo "cockatiel 4.0.0:"
node try.cjs
echo "as it was: a late failure outweighs the probe"
