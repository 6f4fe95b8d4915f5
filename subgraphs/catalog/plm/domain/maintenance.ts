/** A span of every day, or of one day of the week, in UTC; it may go on past midnight. */
export interface MaintenanceWindow {
  /** 0 is Sunday; null is every day. */
  weekday: number | null;
  startMinute: number;
  /** Minutes. */
  length: number;
}

const WEEKDAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const MINUTES_A_DAY = 1440;

/** Reads `02:00-04:00` or `Sun 22:00-02:00`; undefined for anything else. */
export function parseMaintenanceWindow(text: string): MaintenanceWindow | undefined {
  const match = /^(?:([a-z]{3}) )?([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)$/i.exec(text.trim());
  if (!match) return undefined;
  const [, day, ...clock] = match;
  const weekday = day === undefined ? null : WEEKDAYS.indexOf(day.toLowerCase());
  if (weekday === -1) return undefined;
  const [fromHour = 0, fromMinute = 0, toHour = 0, toMinute = 0] = clock.map(Number);
  const startMinute = fromHour * 60 + fromMinute;
  const length = (toHour * 60 + toMinute - startMinute + MINUTES_A_DAY) % MINUTES_A_DAY;
  return length === 0 ? undefined : { weekday, startMinute, length };
}

/** True while one of the windows is open. */
export const isMaintenance = (windows: readonly MaintenanceWindow[], at: Date): boolean =>
  windows.some(({ weekday, startMinute, length }) => {
    const minute = at.getUTCHours() * 60 + at.getUTCMinutes();
    const sinceStart = (minute - startMinute + MINUTES_A_DAY) % MINUTES_A_DAY;
    if (sinceStart >= length) return false;
    const startedToday = minute >= startMinute;
    const startDay = (at.getUTCDay() + (startedToday ? 0 : 6)) % 7;
    return weekday === null || weekday === startDay;
  });
