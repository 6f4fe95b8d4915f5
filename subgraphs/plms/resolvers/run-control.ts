import type { MutationResolvers } from "../generated/resolver-types.ts";
import type { Context } from "../context.ts";
import { completeRun } from "../operations/complete-run.ts";
import { controlRun } from "../operations/control-run.ts";
import { orUserError } from "./user-errors.ts";

const control = ({ ports, principal }: Context, call: Parameters<typeof controlRun>[2]) =>
  orUserError(["InvalidInput", "NotFound", "Conflict", "Unavailable"], async () => ({
    __typename: "RunControlSuccess" as const,
    run: await controlRun(ports, principal, call),
  }));

export const runControl = {
  pauseRun: (_parent, { runId }, context) => control(context, { runId, action: "pause" }),
  resumeRun: (_parent, { runId }, context) => control(context, { runId, action: "resume" }),
  cancelRun: (_parent, { runId, reason }, context) => control(context, { runId, action: "cancel", reason }),
  completeRun: (_parent, call, { ports, principal }) =>
    orUserError(["InvalidInput", "NotFound", "Conflict", "Unavailable"], async () => ({
      __typename: "RunControlSuccess" as const,
      run: await completeRun(ports, principal, call),
    })),
} satisfies MutationResolvers;
