import type { Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import type { TellErrors } from "../errors/errors.ts";
import type { Operation } from "../execution/engine.ts";
import type { Plugins } from "../extensions/plugins.ts";
import type { Tracing } from "../tracing/tracing.ts";
import type { KeptEvents } from "./kept-events.ts";
import type { SubscriptionMeter } from "./metrics.ts";
import type { TriggerKey } from "./trigger-key.ts";

/** The identity and the headers are those that everybody shares who listens. */
export interface TriggerSpec extends Omit<TriggerKey, "key"> {
  /** Names the trigger in logs and correlation ids; event ids of unversioned fields begin with it. */
  id: string;
  operation: Operation;
}

export interface TriggerDependencies {
  clock: Clock;
  tell: TellErrors;
  kept: KeptEvents;
  log: Log;
  meter: SubscriptionMeter;
  tracing: Tracing;
  plugins: Pick<Plugins, "onEvent">;
  /** The trigger has ended by itself. */
  onEnd(): void;
}
