import { PostgresDialect, PostgresDriver, type DatabaseConnection, type PostgresDialectConfig } from "kysely";
import { hintsOf, type Hint } from "./notify.ts";

type OnHint = (hint: Hint) => void;

/** PostgreSQL that tells of every hint of `notify` once it is committed, and of none that is rolled back. */
export class HintingDialect extends PostgresDialect {
  readonly #config: PostgresDialectConfig;
  readonly #onHint: OnHint;

  constructor(config: PostgresDialectConfig, onHint: OnHint) {
    super(config);
    this.#config = config;
    this.#onHint = onHint;
  }

  override createDriver(): PostgresDriver {
    return new HintingDriver(this.#config, this.#onHint);
  }
}

class HintingDriver extends PostgresDriver {
  readonly #onHint: OnHint;
  readonly #observed = new WeakSet<DatabaseConnection>();
  /** The hints of transactions that are still open. */
  readonly #open = new WeakMap<DatabaseConnection, Hint[]>();

  constructor(config: PostgresDialectConfig, onHint: OnHint) {
    super(config);
    this.#onHint = onHint;
  }

  override async acquireConnection(
    ...options: Parameters<PostgresDriver["acquireConnection"]>
  ): Promise<DatabaseConnection> {
    const connection = await super.acquireConnection(...options);
    if (!this.#observed.has(connection)) this.#observe(connection);
    return connection;
  }

  override async beginTransaction(...args: Parameters<PostgresDriver["beginTransaction"]>): Promise<void> {
    await super.beginTransaction(...args);
    this.#open.set(args[0], []);
  }

  override async commitTransaction(connection: DatabaseConnection): Promise<void> {
    const hints = this.#open.get(connection) ?? [];
    this.#open.delete(connection);
    await super.commitTransaction(connection);
    for (const hint of hints) this.#onHint(hint);
  }

  override async rollbackTransaction(
    connection: Parameters<PostgresDriver["rollbackTransaction"]>[0],
  ): Promise<void> {
    this.#open.delete(connection);
    await super.rollbackTransaction(connection);
  }

  #observe(connection: DatabaseConnection): void {
    this.#observed.add(connection);
    const execute: DatabaseConnection["executeQuery"] = connection.executeQuery.bind(connection);
    connection.executeQuery = async (query, options) => {
      const result = await execute<never>(query, options);
      const open = this.#open.get(connection);
      for (const hint of hintsOf(query, result.rows)) {
        if (open) open.push(hint);
        else this.#onHint(hint);
      }
      return result;
    };
  }
}
