import * as fc from "fast-check";
import { expect, test } from "vitest";
import { portfolioOf } from "../../../subgraphs/plms/domain/portfolio.ts";

const NOW = new Date("2026-03-01T08:00:00Z");
const lanes = [
  { id: 4200, name: "Code-API", maxConcurrent: 4, providers: {}, isFromFile: false },
  { id: 5100, name: "Data-Schema", maxConcurrent: 2, providers: {}, isFromFile: false },
];

test("what is open runs as far as the lane allows, and waits beyond that", () => {
  const open = [
    { projectId: "1", laneId: 4200, openTasks: 10 },
    { projectId: "1", laneId: 5100, openTasks: 1 },
    { projectId: "2", laneId: 4200, openTasks: 1 },
  ];
  expect(portfolioOf(open, lanes, NOW)).toEqual({
    asOf: NOW,
    running: 6,
    queued: 6,
    lanes: [
      { lane: lanes[0], capacity: 8, running: 5, queued: 6, utilization: 0.625 },
      { lane: lanes[1], capacity: 2, running: 1, queued: 0, utilization: 0.5 },
    ],
    projects: [
      { projectId: "1", running: 5, queued: 6, share: 5 / 6, fairShare: 0.5 },
      { projectId: "2", running: 1, queued: 0, share: 1 / 6, fairShare: 0.5 },
    ],
  });
});

test("nothing to do is nothing, not a division by zero", () => {
  expect(portfolioOf([], lanes, NOW)).toMatchObject({
    running: 0,
    queued: 0,
    projects: [],
    lanes: [{ utilization: 0 }, { utilization: 0 }],
  });
});

test("every open task is running or queued, and the shares add up", () => {
  const load = fc.record({
    projectId: fc.constantFrom("1", "2", "3"),
    laneId: fc.constantFrom(4200, 5100),
    openTasks: fc.integer({ min: 0, max: 50 }),
  });
  const loads = fc.uniqueArray(load, { selector: ({ projectId, laneId }) => `${projectId}/${laneId}` });
  fc.assert(
    fc.property(loads, (open) => {
      const portfolio = portfolioOf(open, lanes, NOW);
      const tasks = open.reduce((sum, { openTasks }) => sum + openTasks, 0);
      expect(portfolio.running + portfolio.queued).toBe(tasks);
      expect(portfolio.lanes.reduce((sum, lane) => sum + lane.running, 0)).toBe(portfolio.running);
      expect(portfolio.lanes.every(({ utilization }) => utilization >= 0 && utilization <= 1)).toBe(true);
      const shares = portfolio.projects.reduce((sum, { share }) => sum + share, 0);
      expect(shares).toBeCloseTo(portfolio.running > 0 ? 1 : 0, 9);
    }),
  );
});
