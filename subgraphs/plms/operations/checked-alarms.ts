import { checkedNumber } from "../../kit/checked-input.ts";
import { badInput } from "../../../lib/errors.ts";
import type { Alarms } from "../domain/project.ts";
import { ALARM_BOUNDS } from "../domain/runway-status.ts";

/**
 * Thresholds as they shall be; what is left out stays as it stood.
 *
 * @param prefix of the fields that errors name
 * @throws CodedError BAD_USER_INPUT
 */
export function checkedAlarms(
  prefix: string,
  stood: Alarms,
  { warningAt, criticalAt }: { [Threshold in keyof Alarms]?: number | null | undefined },
): Alarms {
  const alarms = {
    warningAt: checkedNumber(`${prefix}warningAt`, warningAt ?? stood.warningAt, ALARM_BOUNDS.warningAt),
    criticalAt: checkedNumber(`${prefix}criticalAt`, criticalAt ?? stood.criticalAt, ALARM_BOUNDS.criticalAt),
  };
  if (alarms.warningAt < alarms.criticalAt) return alarms;
  throw badInput(
    `${prefix}warningAt`,
    alarms.warningAt,
    `less than criticalAt, which is ${alarms.criticalAt}`,
  );
}
