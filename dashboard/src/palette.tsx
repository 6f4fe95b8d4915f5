import { useId, useState, type KeyboardEvent } from "react";
import { ProjectsDocument } from "../../schema/generated/documents.ts";
import { usePolled } from "./graphql/live.ts";
import { useMay } from "./graphql/session.tsx";
import { useCommands, type Command } from "./ui/commands.tsx";
import { Dialog } from "./ui/dialog.tsx";
import { go, projectPath } from "./ui/router.tsx";

interface Choice extends Command {
  key: string;
  /** What kind of thing it is. */
  kind: "Page" | "Project" | "Action";
}

const PAGES: readonly (readonly [name: string, path: string, scope?: string])[] = [
  ["Projects", "/"],
  ["Portfolio", "/portfolio"],
  ["Models", "/models"],
  ["Parts", "/parts"],
  ["Work orders", "/work-orders"],
  ["PLM health", "/admin/plm-health", "plm.admin"],
  ["Alerts about the PLM", "/plm-alerts", "plm.view"],
  ["Differences between PLM and MRP", "/differences", "plm.view"],
  ["Gateway", "/gateway"],
];

const MOST_PROJECTS = 8;

/** Goes to a page or a project, or does what the page that is shown can do: all by a few letters of its name. */
export function Palette({ onClose }: { onClose: () => void }) {
  const [text, setText] = useState("");
  const [active, setActive] = useState(0);
  const id = useId();
  const choices = useChoices(text);
  const chosen = choices[Math.min(active, choices.length - 1)];
  const choose = (choice: Choice | undefined) => {
    if (!choice) return;
    onClose();
    // Once the focus is back where it was: what is opened next may take it.
    setTimeout(choice.run);
  };
  const press = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      setActive(
        (at) => (Math.min(at, choices.length - 1) + step + choices.length) % Math.max(1, choices.length),
      );
    } else if (event.key === "Enter") {
      event.preventDefault();
      choose(chosen);
    }
  };
  return (
    <Dialog title="Go to" onClose={onClose}>
      <div className="form palette">
        <input
          role="combobox"
          aria-label="A page, a project or an action"
          placeholder="A page, a project or an action"
          aria-expanded="true"
          aria-controls={id}
          aria-activedescendant={chosen && `${id}${chosen.key}`}
          autoComplete="off"
          maxLength={200}
          value={text}
          onKeyDown={press}
          onChange={({ target }) => {
            setText(target.value);
            setActive(0);
          }}
        />
        <ul id={id} role="listbox" aria-label="What was found">
          {choices.map((choice) => (
            <li
              key={choice.key}
              id={`${id}${choice.key}`}
              role="option"
              aria-selected={choice === chosen}
              onClick={() => choose(choice)}
            >
              {choice.name} <span className="soft">{choice.kind}</span>
            </li>
          ))}
        </ul>
        {choices.length === 0 && <p className="empty">Nothing has such a name.</p>}
      </div>
    </Dialog>
  );
}

/** What has the text in its name; projects are looked for by the server, among all there are. */
function useChoices(text: string): readonly Choice[] {
  const isAdmin = useMay("plm.admin");
  const commands = useCommands();
  const search = text.trim();
  const { data } = usePolled(
    ProjectsDocument,
    { first: MOST_PROJECTS, ...(search !== "" && { search }) },
    { everyMs: 60_000 },
  );
  const matches = (name: string) => name.toLowerCase().includes(search.toLowerCase());
  const pages = PAGES.filter(([name, , scope]) => matches(name) && (scope === undefined || isAdmin)).map(
    ([name, path]): Choice => ({ key: path, kind: "Page", name, run: () => go(path) }),
  );
  const actions = commands
    .filter(({ name }) => matches(name))
    .map((command): Choice => ({ ...command, key: command.name, kind: "Action" }));
  const projects = (data?.projects.edges ?? [])
    .filter(({ node }) => matches(node.name) || node.id === search)
    .map(({ node }): Choice => ({
      key: `project ${node.id}`,
      kind: "Project",
      name: node.name,
      run: () => go(projectPath(node.id)),
    }));
  return search === "" ? [...pages, ...actions, ...projects] : [...actions, ...projects, ...pages];
}
