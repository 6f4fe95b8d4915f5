import { describe, expect, test } from "vitest";
import { burnChart, type BurnHistory, type Runway } from "../../dashboard/src/project/burn-chart.ts";
import { cell, csvOf } from "../../dashboard/src/time/csv.ts";
import { circuitMarks } from "../../dashboard/src/time/circuit-marks.ts";

const at = (minute: number) => new Date(Date.UTC(2026, 0, 31, 8, minute)).toISOString();
const seconds = (minute: number) => Date.UTC(2026, 0, 31, 8, minute) / 1000;

describe("a cell of CSV", () => {
  test.each([
    ["=1+1", "'=1+1"],
    ["+31 6 1234", "'+31 6 1234"],
    ["-cmd", "'-cmd"],
    ["@SUM(A1)", "'@SUM(A1)"],
    ["\t=1", "'\t=1"],
    ['=HYPERLINK("x")', `"'=HYPERLINK(""x"")"`],
    ["a, b", '"a, b"'],
    ["two\nlines", '"two\nlines"'],
    ["plain", "plain"],
  ])("of %j is %j", (value, written) => expect(cell(value)).toBe(written));

  test("keeps numbers as numbers, also those below nothing, and is empty for none", () => {
    expect([cell(-1.5), cell(0), cell(null)]).toEqual(["-1.5", "0", ""]);
  });
});

describe("a chart as CSV", () => {
  test("has a row for each point that is shown, and each event once", () => {
    const csv = csvOf({
      times: [seconds(0), seconds(1), seconds(2), seconds(3)],
      lines: [{ name: "Spent", look: "main", values: [1, null, 3, 4] }],
      span: [seconds(1), seconds(3)],
      marks: [
        { kind: "alert", from: seconds(1) + 30, text: "Look" },
        { kind: "pause", from: seconds(0), to: seconds(2), text: "Lunch" },
      ],
    });
    expect(csv.split("\r\n")).toEqual([
      "Time (UTC),Spent,Events",
      `${at(1)},,Paused: Lunch`,
      `${at(2)},3,Alert: Look`,
      `${at(3)},4,`,
    ]);
  });
});

describe("the burn chart", () => {
  const history: BurnHistory = {
    from: at(0),
    to: at(10),
    isComplete: true,
    points: [0, 5, 10].map((minute) => ({
      at: at(minute),
      usdSpent: minute,
      usdOfRun: minute,
      receipts: minute,
    })),
    budgets: [
      { at: at(0), usdMax: 20 },
      { at: at(5), usdMax: 30 },
    ],
    pauses: [],
    alerts: [],
  };
  const runway = {
    minutesToCompletion: 40,
    projectedCostUsd: 50,
    projectedCostInterval: { low: 40, high: 60, level: 0.9 },
    budget: { usdMax: 35 },
  } as Runway;

  test("goes on from the history with what the subscription told, and then with what is projected", () => {
    const chart = burnChart({ history, live: [[seconds(11), 11]], runway, until: null });
    expect(chart.times).toEqual([0, 5, 10, 11, 22].map(seconds));
    expect(chart.lines.map(({ name, values }) => [name, values])).toEqual([
      ["Spent", [0, 5, 10, 11, null]],
      ["Budget", [20, 30, 30, 35, 35]],
      // As far ahead as has passed: 11 of the 40 minutes.
      ["Projected", [null, null, null, 11, 11 + (39 * 11) / 40]],
    ]);
    expect(chart.band?.low.at(-1)).toBeCloseTo(11 + (29 * 11) / 40);
    expect(chart.band?.high.at(-1)).toBeCloseTo(11 + (49 * 11) / 40);
    expect(chart.marks).toMatchObject([{ kind: "budget", text: "from $20.00 to $30.00" }]);
  });

  test("ends where the range does that is looked at, whatever came since", () => {
    const chart = burnChart({ history, live: [[seconds(11), 11]], runway, until: seconds(10) });
    expect(chart.times.at(-1)).toBe(seconds(10));
    expect(chart.lines.map(({ name }) => name)).toEqual(["Spent", "Budget"]);
  });

  test("shows no projection of work that is not under way", () => {
    const paused = { ...runway, minutesToCompletion: null };
    expect(burnChart({ history, live: [], runway: paused, until: null }).band).toBeUndefined();
  });
});

describe("the marks of a circuit", () => {
  const change = (
    from: "CLOSED" | "OPEN" | "HALF_OPEN",
    to: "CLOSED" | "OPEN" | "HALF_OPEN",
    minute: number,
  ) => ({
    from,
    to,
    at: at(minute),
    cause: to === "OPEN" ? "status 503" : null,
  });

  test("are the stretches in which it kept calls away, from before the range too", () => {
    const marks = circuitMarks({
      from: at(10),
      to: at(20),
      stateNow: "CLOSED",
      changes: [
        change("HALF_OPEN", "CLOSED", 13),
        change("OPEN", "HALF_OPEN", 12),
        change("CLOSED", "OPEN", 5),
      ],
    });
    expect(marks).toEqual([
      { kind: "outage", from: seconds(10), to: seconds(12), text: "open" },
      { kind: "change", from: seconds(12), text: "circuit half open" },
      { kind: "change", from: seconds(13), text: "circuit closed" },
    ]);
  });
});
