import { DemoDocument, SetDemoFaultDocument, type DemoFault } from "../../../schema/generated/documents.ts";
import { useAction } from "../graphql/action.ts";
import { usePolled } from "../graphql/live.ts";
import { Badge } from "../ui/badge.tsx";
import { words } from "../ui/format.ts";
import { Panel } from "../ui/panel.tsx";

const FAULTS: readonly (readonly [DemoFault, string])[] = [
  ["DOWN", "Down"],
  ["SLOW", "Slow"],
  ["ERRORS", "Errors"],
  ["MALFORMED", "Unreadable answers"],
  ["EMPTY", "Empty catalogue"],
  ["RATE_LIMITED", "Rate limited"],
];

/** Breaks the PLM of a demo on purpose, to see what stands in for it; there is nothing of it where none runs. */
export function DemoPanel() {
  const live = usePolled(DemoDocument, {}, { everyMs: 5_000 });
  const { act, isActing } = useAction(SetDemoFaultDocument, {
    done: ({ fault }) => (fault === null ? "The demo's PLM is healed." : `The demo's PLM: ${words(fault)}.`),
  });
  const demo = live.data?.demo;
  if (!demo) return null;
  const set = async (fault: DemoFault | null) => {
    await act({ fault });
    live.retry();
  };
  return (
    <Panel
      title="Break the demo's PLM"
      live={live}
      lines={2}
      aside={<Badge value={demo.fault ?? "as it should be"} tone={demo.fault === null ? "good" : "warn"} />}
    >
      {() => (
        <div className="buttons">
          {FAULTS.map(([fault, name]) => (
            <button
              key={fault}
              type="button"
              aria-pressed={demo.fault === fault}
              disabled={isActing || demo.fault === fault}
              onClick={() => void set(fault)}
            >
              {name}
            </button>
          ))}
          <button
            type="button"
            className="primary"
            disabled={isActing || demo.fault === null}
            onClick={() => void set(null)}
          >
            Heal
          </button>
        </div>
      )}
    </Panel>
  );
}
