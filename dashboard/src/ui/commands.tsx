import { createContext, use, useEffect, useEffectEvent, useState, type ReactNode } from "react";

/** Something that can be done on the page that is shown. */
export interface Command {
  name: string;
  run: () => void;
}

interface Commands {
  known: ReadonlySet<Command>;
  subscribe: (command: Command) => () => void;
}

const CommandsContext = createContext<Commands | undefined>(undefined);

export function CommandsProvider({ children }: { children: ReactNode }) {
  const [commands] = useState((): Commands => {
    const known = new Set<Command>();
    return {
      known,
      subscribe: (command) => {
        known.add(command);
        return () => known.delete(command);
      },
    };
  });
  return <CommandsContext value={commands}>{children}</CommandsContext>;
}

/** What can be done right now, by name. */
export const useCommands = (): readonly Command[] => [...(use(CommandsContext)?.known ?? [])];

/** Offers an action by its name, too, for as long as it is shown. */
function useCommand(name: string, run: () => void): void {
  const commands = use(CommandsContext);
  const act = useEffectEvent(run);
  useEffect(() => commands?.subscribe({ name, run: () => act() }), [commands, name]);
}

interface ActionButtonProps {
  name: string;
  run: () => void;
  className?: string;
  isDisabled?: boolean;
  /** Why it is disabled, for people. */
  hint?: string | undefined;
}

/** A button whose action is found by its name as well. */
export function ActionButton({ name, run, className, isDisabled = false, hint }: ActionButtonProps) {
  useCommand(name, () => {
    if (!isDisabled) run();
  });
  return (
    <button type="button" className={className} disabled={isDisabled} title={hint} onClick={run}>
      {name}
    </button>
  );
}
