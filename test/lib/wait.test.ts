import { expect, test } from "vitest";
import { waitFor } from "../../lib/wait.ts";

test("waiting looks less often at what takes long to look at", async () => {
  const overMs = performance.now() + 500;
  let looks = 0;
  await waitFor(() => {
    looks += 1;
    for (const lookedMs = performance.now() + 20; performance.now() < lookedMs;);
    return performance.now() > overMs;
  });
  // Every 100 ms: a look of 20 ms each 30 ms would be 17.
  expect(looks).toBeLessThanOrEqual(6);
});
