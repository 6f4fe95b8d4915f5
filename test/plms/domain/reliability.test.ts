import { describe, expect, test } from "vitest";
import { pooledSpread, reliabilityOf } from "../../../subgraphs/plms/domain/reliability.ts";
import { momentsOf } from "../../../subgraphs/plms/domain/statistics/moments.ts";

/** Tasks of which half are off by this much in one direction, half in the other. */
const tasks = (n: number, off: number) =>
  pooledSpread([momentsOf(Array.from({ length: n }, (_, index) => (index % 2 === 0 ? off : -off)))]);

describe("an interval of a total", () => {
  test.each([
    ["nine tasks, however alike", tasks(9, 0.1), tasks(200, 0.1), "low"],
    ["twelve tasks that could hide a tail", tasks(12, 0.1), undefined, "low"],
    ["twelve tasks of a lane with a history", tasks(12, 0.1), tasks(60, 0.1), "medium"],
    ["many tasks", tasks(100, 0.3), undefined, "high"],
    ["many tasks that differ too much", tasks(100, 0.7), undefined, "low"],
    ["tasks that are alike after runs that were not", tasks(12, 0.1), tasks(200, 0.7), "low"],
    ["tasks whose spread is not certain to be harmless", tasks(30, 0.5), undefined, "low"],
    ["the same spread, seen often enough", tasks(2000, 0.5), undefined, "high"],
  ])("over %s is judged by how often its spread was seen", (_case, own, earlier, expected) => {
    expect(reliabilityOf(own, earlier)).toBe(expected);
  });
});
