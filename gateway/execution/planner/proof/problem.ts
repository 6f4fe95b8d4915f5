/** Why a plan is not proved. */
export class Problem extends Error {}
