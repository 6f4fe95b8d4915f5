/** Gives events their ids, and knows the one before. */
export class EventNames {
  readonly #prefix: string;
  /** The event before: its version, its data as JSON, its id, how often that version has come with new data. */
  #last: { version: string | undefined; body: string | undefined; id: string; again: number } | undefined;

  /** `prefix` begins the ids of events without a version. */
  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /** A state that has not changed is not told twice, as after every new subscription to the subgraph. */
  repeats(
    version: string | undefined,
    body: string | undefined,
    { conflate }: { conflate: boolean },
  ): boolean {
    const tellsState = version === undefined ? conflate : version === this.#last?.version;
    return tellsState && this.#last !== undefined && body === this.#last.body;
  }

  /** The version, where there is one; made different when the same one comes with another value. */
  next(version: string | undefined, body: string | undefined, sequence: number): string {
    const last = version !== undefined && version === this.#last?.version ? this.#last : undefined;
    if (last && body === last.body) return last.id;
    const again = last ? last.again + 1 : 0;
    const id =
      version === undefined ? `${this.#prefix}:${sequence}` : again === 0 ? version : `${version}.${again}`;
    this.#last = { version, body, id, again };
    return id;
  }
}
