import type { LoadFigures } from "./load.ts";
import type { Outcome } from "./rule.ts";

export interface Report {
  url: string;
  rules: readonly Outcome[];
  load: LoadFigures | undefined;
}

const MARKS = { pass: "pass", fail: "FAIL", skip: "skip" } as const;

/** A report for people: a line for each rule, the reason below it, the sum at the end. */
export function asText({ url, rules, load }: Report): string {
  const lines = rules.flatMap(({ result, level, id, says, reason, source }) => [
    `${MARKS[result]}  ${level.padEnd(6)}  ${id.padEnd(30)} ${says}`,
    ...(result === "fail" ? [`      ${reason ?? ""}`, `      ${source}`] : []),
    ...(result === "skip" ? [`      ${reason ?? ""}`] : []),
  ]);
  const count = (result: Outcome["result"], level?: Outcome["level"]) =>
    rules.filter((each) => each.result === result && (level === undefined || each.level === level)).length;
  const sum = `${count("pass")} passed, ${count("fail", "MUST")} MUST and ${count("fail", "SHOULD")} SHOULD not passed, ${count("skip")} skipped`;
  return [
    url,
    "",
    ...lines,
    ...(rules.length > 0 ? ["", sum] : []),
    ...(load ? ["", ...loadLines(load)] : []),
    "",
  ].join("\n");
}

function loadLines(load: LoadFigures): string[] {
  const row = (name: string, value: unknown) => `${name.padEnd(32)} ${String(value)}`;
  const percentiles = (name: string, of: LoadFigures["connectMs"]) =>
    of ? [row(name, `p50 ${of.p50}, p90 ${of.p90}, p99 ${of.p99}, longest ${of.max}`)] : [];
  return [
    row("sockets, subscriptions", `${load.sockets}, ${load.subscriptions}`),
    ...percentiles("connection, ms", load.connectMs),
    ...percentiles("first event of a socket, ms", load.firstEventMs),
    row("messages, a second", `${load.messages}, ${load.messagesPerSecond}`),
    ...percentiles("latency of events, ms", load.latencyMs),
    ...(load.serverCpuUsPerMessage === undefined
      ? []
      : [row("CPU of the server a message, µs", load.serverCpuUsPerMessage)]),
    ...(load.serverRssMb === undefined ? [] : [row("memory of the server, MB", load.serverRssMb)]),
    row("sockets that were lost", load.lost),
  ];
}
