/** How the events of a root field reach a client that is slow or late. */
export interface Delivery {
  /** A slow client gets the latest event instead of all; for values of which only the latest matters. */
  conflate: boolean;
  /** A new listener gets the latest event at once: the field tells a state, not something that happens. */
  startsWithLatest: boolean;
  /** Events differ by who asks: nothing is shared between subjects. */
  perSubject: boolean;
  /** Most events that wait for a slow client before its connection is closed. */
  queueLimit: number;
}

export interface DeliverySettings {
  /** Root fields whose slow clients get the latest value only. */
  conflatedFields: readonly string[];
  /** Root fields that tell what happens; all others tell a state. */
  eventFields: readonly string[];
  /** Root fields whose events depend on the caller's subject. */
  perSubjectFields: readonly string[];
  queueLimit: number;
}

/** The delivery of a subscription's root field; what a broker has are events. */
export const deliveryOf = (
  field: string,
  settings: DeliverySettings,
  stream?: { isPersonal: boolean },
): Delivery => ({
  conflate: settings.conflatedFields.includes(field),
  startsWithLatest: stream === undefined && !settings.eventFields.includes(field),
  perSubject: settings.perSubjectFields.includes(field) || stream?.isPersonal === true,
  queueLimit: settings.queueLimit,
});
