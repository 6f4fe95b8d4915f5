import { Worker } from "node:worker_threads";

const WATCH = `
const { workerData: parent } = require("node:worker_threads");
setInterval(() => process.ppid === parent || process.kill(process.pid, "SIGKILL"), 1_000);
`;

/**
 * Ends this process when the one that started it is gone, also in the middle of an operation without end: only a thread of
 * its own hears of it then.
 */
export const endWithParent = () => new Worker(WATCH, { eval: true, workerData: process.ppid }).unref();
