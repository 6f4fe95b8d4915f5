import type { Demo, DemoFault } from "../gateway/edge/demo.ts";
import type { FaultRuleInput } from "../mocks/faults.ts";
import type { Mock } from "../mocks/mock-server.ts";

const PLM_PATHS = "/plm/*";
const SLOW_MS = 1_500;

const RULES: Readonly<Record<DemoFault, Omit<FaultRuleInput, "path">>> = {
  DOWN: { mode: "down" },
  SLOW: { mode: "slow", latencyMs: SLOW_MS },
  ERRORS: { mode: "status", status: 500 },
  MALFORMED: { mode: "malformed" },
  EMPTY: { mode: "empty" },
  RATE_LIMITED: { mode: "rate-limit" },
};

/** The faults that people make by a button, in the mock PLM of this process. */
export function createDemoFaults(plm: Pick<Mock, "setFaults">): Demo {
  let current: DemoFault | null = null;
  return {
    fault: () => current,
    setFault: (fault) => {
      plm.setFaults(fault === null ? [] : [{ path: PLM_PATHS, ...RULES[fault] }]);
      current = fault;
    },
  };
}
