import { readFileSync, unwatchFile, watchFile } from "node:fs";
import { CodedError, messageOf } from "../lib/errors.ts";
import type { Identity } from "../lib/identity.ts";
import type { Log } from "../lib/log.ts";
import type { Identify } from "../lib/identify.ts";

/** Tokens that no longer hold although they have not expired. */
export interface Revocations {
  /** The same as `identify`, but it refuses what has been revoked. */
  guard(identify: Identify): Identify;
  /** Asks the list as it is now. */
  isRevoked(identity: Identity): boolean;
  /** Calls back after each change of the list. */
  onChange(listener: () => void): void;
  close(): void;
}

const POLL_MS = 1_000;

/** What callers are told. */
export const REVOKED = "Invalid authentication: the token has been revoked";

/**
 * Follows a file with one revocation a line: `jti <token id>`, or `sub <tenant> <subject>` for all tokens of a
 * subject. Without a file nothing is ever revoked. A file that cannot be read later leaves the last list in force.
 *
 * @throws Error naming the file, when it cannot be read at the start
 */
export function createRevocations(file: string | undefined, log: Log): Revocations {
  const listeners = new Set<() => void>();
  let revoked = file === undefined ? new Set<string>() : firstRead(file);
  const reload = () => {
    if (file === undefined) return;
    try {
      revoked = read(file);
      log.info({ file, revoked: revoked.size }, "revocations replaced");
      for (const listener of listeners) listener();
    } catch (error) {
      log.error(
        { file, problem: messageOf(error) },
        "revocations cannot be read; the last ones stay in force",
      );
    }
  };
  if (file !== undefined) watchFile(file, { interval: POLL_MS, persistent: false }, reload);
  const isRevoked = ({ tokenId, tenant, subject }: Identity) =>
    revoked.size > 0 &&
    (revoked.has(`sub ${tenant} ${subject}`) || (tokenId !== undefined && revoked.has(`jti ${tokenId}`)));
  return {
    isRevoked,
    guard: (identify) =>
      file === undefined
        ? identify
        : async (authorization) => {
            const identity = await identify(authorization);
            if (isRevoked(identity)) throw new CodedError("UNAUTHENTICATED", REVOKED);
            return identity;
          },
    onChange: (listener) => void listeners.add(listener),
    close: () => {
      if (file !== undefined) unwatchFile(file, reload);
    },
  };
}

const read = (file: string): Set<string> =>
  new Set(
    readFileSync(file, "utf8")
      .split("\n")
      .map((line) => line.trim().replaceAll(/\s+/g, " "))
      .filter((line) => line !== "" && !line.startsWith("#")),
  );

function firstRead(file: string): Set<string> {
  try {
    return read(file);
  } catch (cause) {
    throw new Error(`TOKEN_REVOCATIONS_FILE: ${file} cannot be read: ${messageOf(cause)}`, { cause });
  }
}
