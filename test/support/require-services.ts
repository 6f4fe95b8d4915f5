/** Without the services' addresses a run would quietly test something else, so it does not start. */
export function setup(): void {
  const missing = ["DATABASE_URL", "REDIS_URL"].filter((name) => !process.env[name]);
  if (missing.length > 0) throw new Error(`npm run test:services needs ${missing.join(" and ")}`);
}
