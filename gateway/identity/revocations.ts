import { readFileSync } from "node:fs";
import { CodedError, messageOf } from "../../lib/errors.ts";
import type { Identity } from "../../lib/identity.ts";
import type { Log } from "../../lib/log.ts";
import type { Identify } from "../../lib/identify.ts";
import { watchText } from "../../lib/watched-file.ts";

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

/** What callers are told. */
export const REVOKED = "Invalid authentication: the token has been revoked";

/**
 * Follows a file with one revocation a line: `jti <token id>`, or `sub <tenant> <subject>` for all tokens of a
 * subject; lines that begin with `#` are remarks. Those that say nothing of this are logged by their numbers, and the
 * others hold. Without a file nothing is ever revoked. A file that cannot be read later leaves the last list in force.
 *
 * @throws Error naming the file, when it cannot be read at the start
 */
export function createRevocations(file: string | undefined, log: Log): Revocations {
  const listeners = new Set<() => void>();
  const before = file === undefined ? "" : firstRead(file);
  const understood = (text: string): ReadonlySet<string> => {
    const { revoked, unreadable } = revocationsIn(text);
    if (unreadable.length > 0)
      log.error({ file, lines: unreadable }, "lines of the revocations revoke nothing: they cannot be read");
    return revoked;
  };
  let revoked = understood(before);
  const reload = () => {
    if (file === undefined) return;
    try {
      revoked = understood(readFileSync(file, "utf8"));
      log.info({ file, revoked: revoked.size }, "revocations replaced");
      for (const listener of listeners) listener();
    } catch (error) {
      log.error(
        { file, problem: messageOf(error) },
        "revocations cannot be read; the last ones stay in force",
      );
    }
  };
  const unwatch = file === undefined ? () => {} : watchText(file, before, reload);
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
    close: unwatch,
  };
}

const REVOCATION = /^(jti|sub \S+) \S.*$/;

/** What the lines revoke, and the numbers of those that cannot be read, from 1. */
function revocationsIn(text: string): { revoked: ReadonlySet<string>; unreadable: readonly number[] } {
  const lines = text
    .split("\n")
    .map((line, index) => ({ said: line.trim().replaceAll(/\s+/g, " "), number: index + 1 }))
    .filter(({ said }) => said !== "" && !said.startsWith("#"));
  return {
    revoked: new Set(lines.filter(({ said }) => REVOCATION.test(said)).map(({ said }) => said)),
    unreadable: lines.filter(({ said }) => !REVOCATION.test(said)).map(({ number }) => number),
  };
}

function firstRead(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new Error(`TOKEN_REVOCATIONS_FILE: ${file} cannot be read: ${messageOf(cause)}`, { cause });
  }
}
