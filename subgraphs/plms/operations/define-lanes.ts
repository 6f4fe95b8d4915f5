import { checkedList, checkedText } from "../../kit/checked-input.ts";
import { badInput, CodedError } from "../../../lib/errors.ts";
import { isKpiName, KPI_NAMES, KPI_OPERATORS, KPIS, type KpiGate } from "../domain/kpi.ts";
import type { Lane, LaneDefinition } from "../domain/project.ts";
import type { Ports } from "../ports.ts";

/** A lane as a caller or the file describes it; what is left out stays as it is, or takes the default when the lane is new. */
export interface LaneInput {
  id: number;
  name: string;
  /** Tasks that may run at the same time; 3 for a new lane. */
  maxConcurrent?: number | null | undefined;
  /** They replace all others; none for a new lane, where the configured providers work then. */
  providers?: readonly { name: string; version: string }[] | null | undefined;
  /** They replace all others; none for a new lane. */
  gates?: readonly KpiGate[] | null | undefined;
}

const MOST_LANES = 200;
const LARGEST_ID = 2_147_483_647;
const MOST_AT_ONCE = 10_000;
const MOST_PROVIDERS = 50;
const MOST_GATES = KPI_NAMES.length * KPI_OPERATORS.length;
const LONGEST_NAME = 200;
const LONGEST_VERSION = 100;

/**
 * Makes lanes, or changes those that exist, all or none: how much of a kind of work may run at once, who does it and
 * what runs are held to. Lanes are never taken away, as projects and what was learnt refer to them.
 *
 * @param source `file` for the installation's own list, which then alone may change the lanes that it names
 * @returns every lane there is now, by id
 * @throws CodedError BAD_USER_INPUT naming the first field that is wrong; CONFLICT when a name belongs to another
 * lane, when the file says what a lane is, or when a provider would have two versions
 */
export async function defineLanes(
  { lanes: store }: Pick<Ports, "lanes">,
  lanes: readonly LaneInput[],
  source: "file" | "mutation",
): Promise<Lane[]> {
  const isListed = lanes.length > 0 && lanes.length <= MOST_LANES;
  if (!isListed) throw badInput("lanes", `${lanes.length} lanes`, `1 to ${MOST_LANES} lanes`);
  const definitions = lanes.map((lane, index) => laneIn(lane, `lanes.${index}`));
  refuseRepeated(definitions);
  const refusal = await store.define(definitions, source);
  if (refusal.conflict === undefined) return refusal.lanes;
  throw new CodedError("CONFLICT", refusal.conflict);
}

function laneIn({ id, name, maxConcurrent, providers, gates }: LaneInput, path: string): LaneDefinition {
  return {
    id: wholeNumber(`${path}.id`, id, LARGEST_ID),
    name: checkedText(`${path}.name`, name, { max: LONGEST_NAME }),
    maxConcurrent: given(maxConcurrent, (cap) => wholeNumber(`${path}.maxConcurrent`, cap, MOST_AT_ONCE)),
    providers: given(providers, (named) => providersIn(`${path}.providers`, named)),
    gates: given(gates, (listed) => checkedGates(`${path}.gates`, listed, MOST_GATES)),
  };
}

const given = <T, Read>(value: T | null | undefined, read: (value: T) => Read): Read | undefined =>
  value === null || value === undefined ? undefined : read(value);

function wholeNumber(field: string, value: number, most: number): number {
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw badInput(field, value, `a whole number from 1 to ${most}`);
}

function providersIn(path: string, providers: NonNullable<LaneInput["providers"]>): Record<string, string> {
  checkedList(path, providers, MOST_PROVIDERS);
  const matrix = new Map<string, string>();
  for (const [index, { name, version }] of providers.entries()) {
    checkedText(`${path}.${index}.name`, name, { max: LONGEST_NAME });
    if (matrix.has(name)) throw badInput(`${path}.${index}.name`, name, "each provider once");
    matrix.set(name, checkedText(`${path}.${index}.version`, version, { max: LONGEST_VERSION }));
  }
  return Object.fromEntries(matrix);
}

/**
 * What work is held to: KPIs that exist, with operators and thresholds that fit them.
 *
 * @throws CodedError BAD_USER_INPUT
 */
export function checkedGates(path: string, gates: readonly KpiGate[], most: number): readonly KpiGate[] {
  checkedList(path, gates, most);
  for (const [index, { kpi, operator, threshold }] of gates.entries()) {
    const at = `${path}.${index}`;
    if (!isKpiName(kpi)) throw badInput(`${at}.kpi`, kpi, `one of ${KPI_NAMES.join(", ")}`);
    if (!(KPI_OPERATORS as readonly string[]).includes(operator))
      throw badInput(`${at}.operator`, operator, `one of ${KPI_OPERATORS.join(" ")}`);
    const wanted = typeof KPIS[kpi].failureValue;
    const isComparable = typeof threshold !== "number" || Number.isFinite(threshold);
    if (typeof threshold !== wanted || !isComparable)
      throw badInput(`${at}.threshold`, threshold, `a ${wanted}`);
  }
  return gates;
}

function refuseRepeated(lanes: readonly LaneDefinition[]): void {
  const ids = new Set<number>();
  const names = new Set<string>();
  for (const [index, { id, name, gates = [] }] of lanes.entries()) {
    if (ids.has(id)) throw badInput(`lanes.${index}.id`, id, "each lane once");
    if (names.has(name)) throw badInput(`lanes.${index}.name`, name, "another name for each lane");
    ids.add(id);
    names.add(name);
    const seen = new Set<string>();
    for (const [at, { kpi, operator }] of gates.entries()) {
      const gate = `${kpi} ${operator}`;
      if (seen.has(gate)) throw badInput(`lanes.${index}.gates.${at}`, gate, "each KPI once for an operator");
      seen.add(gate);
    }
  }
}
