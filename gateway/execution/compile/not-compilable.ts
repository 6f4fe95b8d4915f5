/** A shape that the compiler leaves to Apollo's executor. */
export class NotCompilable extends Error {
  constructor(what: string) {
    super(`${what} is not compiled`);
    this.name = "NotCompilable";
  }
}
