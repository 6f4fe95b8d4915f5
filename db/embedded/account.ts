import { readFileSync } from "node:fs";

/** Who the server runs as. */
export interface Account {
  uid: number;
  gid: number;
}

/**
 * The account for the server's processes; undefined means "as ourselves". PostgreSQL refuses to run as root, so
 * root hands it to `postgres` or, where there is none, `nobody`.
 *
 * @throws Error when we are root and neither exists
 */
export function serverAccount(
  uid: number | undefined = process.getuid?.(),
  users: readonly User[] = systemUsers(),
): Account | undefined {
  if (uid !== 0) return undefined;
  const named = (name: string) => users.find((user) => user.name === name);
  const user = named("postgres") ?? named("nobody");
  if (user) return { uid: user.uid, gid: user.gid };
  throw new Error(
    "PostgreSQL does not run as root, and this machine has no user postgres or nobody to hand it to: " +
      "start as an ordinary user, or set DATABASE_URL to a PostgreSQL server",
  );
}

export interface User extends Account {
  name: string;
  home: string;
}

/** The users of this machine, none where they are not kept in /etc/passwd. */
export function systemUsers(passwd: string = readPasswd()): readonly User[] {
  return passwd
    .split("\n")
    .map((line) => line.split(":"))
    .filter((fields) => fields.length >= 6)
    .map(([name = "", , uid, gid, , home = ""]) => ({ name, uid: Number(uid), gid: Number(gid), home }));
}

function readPasswd(): string {
  try {
    return readFileSync("/etc/passwd", "utf8");
  } catch {
    return "";
  }
}
