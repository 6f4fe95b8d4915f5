import type { LoadFigures } from "../load.ts";
import type { Report } from "../report.ts";
import type { Outcome } from "../rule.ts";

export interface Measured {
  name: string;
  versions: string;
  report: Report;
}

const NAMES: Readonly<Record<string, string>> = {
  ours: "this gateway",
  hive: "Hive Gateway",
  yoga: "GraphQL Yoga",
  mercurius: "Mercurius",
  apollo: "Apollo Server with graphql-ws",
};
export const nameOf = (server: string): string => NAMES[server] ?? server;
const MARKS = { pass: "✔", fail: "✘", skip: "–" } as const;

const headOf = (measured: readonly Measured[]): string[] => [
  `| | ${measured.map(({ name }) => nameOf(name)).join(" | ")} |`,
  `|---|${measured.map(() => "---").join("|")}|`,
  `| versions | ${measured.map(({ versions }) => versions || "this checkout").join(" | ")} |`,
];

const sumOf = ({ rules }: Report): string => {
  const count = (result: Outcome["result"], level?: Outcome["level"]) =>
    rules.filter((each) => each.result === result && (level ?? each.level) === each.level).length;
  return `${count("pass")} of ${rules.length - count("skip")}; ${count("fail", "MUST")} MUST, ${count("fail", "SHOULD")} SHOULD`;
};

const excerpt = (reason: string): string => reason.replaceAll(/\s+/g, " ").slice(0, 160);

/** The rules, a row each, and below it what the servers do that do not pass. */
export function asTable(measured: readonly Measured[]): string {
  const [first] = measured;
  const outcomeIn = ({ report }: Measured, id: string) => report.rules.find((rule) => rule.id === id);
  const rows = (first?.report.rules ?? []).map(({ id, level }) => {
    const marks = measured.map((each) => MARKS[outcomeIn(each, id)?.result ?? "skip"]);
    return `| \`${id}\` ${level} | ${marks.join(" | ")} |`;
  });
  const reasons = measured.flatMap(({ name, report }) =>
    report.rules
      .filter(({ result }) => result === "fail")
      .map(({ id, reason = "" }) => `- ${nameOf(name)}, \`${id}\`: ${excerpt(reason)}`),
  );
  const skips = measured.flatMap(({ name, report }) =>
    [
      ...Map.groupBy(
        report.rules.filter(({ result }) => result === "skip"),
        ({ reason = "" }) => reason,
      ),
    ].map(
      ([reason, rules]) =>
        `- ${nameOf(name)}, ${rules.map(({ id }) => `\`${id}\``).join(", ")}: ${excerpt(reason)}`,
    ),
  );
  const sums = `| passed; not passed | ${measured.map(({ report }) => sumOf(report)).join(" | ")} |`;
  return [...headOf(measured), sums, ...rows, "", "Not passed:", ...reasons, "", "Skipped:", ...skips].join(
    "\n",
  );
}

/** What a load came to. */
export function asLoadTable(measured: readonly Measured[]): string {
  const row = (name: string, value: (load: LoadFigures) => string | number | undefined) =>
    `| ${name} | ${measured.map(({ report: { load } }) => (load ? String(value(load) ?? "–") : "–")).join(" | ")} |`;
  return [
    ...headOf(measured),
    row("sockets, subscriptions", ({ sockets, subscriptions }) => `${sockets}, ${subscriptions}`),
    row("connection, ms at p50, p99", ({ connectMs }) => connectMs && `${connectMs.p50}, ${connectMs.p99}`),
    row(
      "first event, ms at p50, p99",
      ({ firstEventMs }) => firstEventMs && `${firstEventMs.p50}, ${firstEventMs.p99}`,
    ),
    row("messages a second", ({ messagesPerSecond }) => messagesPerSecond),
    row("latency, ms at p50, p99", ({ latencyMs }) => latencyMs && `${latencyMs.p50}, ${latencyMs.p99}`),
    row("CPU a message, µs", ({ serverCpuUsPerMessage }) => serverCpuUsPerMessage),
    row("memory, MB", ({ serverRssMb }) => serverRssMb),
    row("sockets lost", ({ lost }) => lost),
  ].join("\n");
}
