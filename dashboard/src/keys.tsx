import { useEffect, useState } from "react";
import { Dialog } from "./ui/dialog.tsx";
import { onDemand } from "./ui/load.tsx";

const Palette = onDemand(async () => (await import("./palette.tsx")).Palette);

/** What keys do everywhere. */
const KEYS: readonly (readonly [keys: string, does: string])[] = [
  ["Ctrl K", "go to a page or a project, or do something"],
  ["/", "find in the list that is shown"],
  ["?", "show these keys"],
  ["Esc", "close what is in front"],
];

type Shown = "palette" | "keys";

/** Listens to the keys that work on every page. */
export function Keys() {
  const [shown, setShown] = useState<Shown>();
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const action = actionOf(event);
      if (action === undefined) return;
      event.preventDefault();
      if (action === "find" && focusSearch()) return;
      setShown(action === "keys" ? "keys" : "palette");
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, []);
  const close = () => setShown(undefined);
  return (
    <>
      <button
        type="button"
        className="quiet keys-opener"
        aria-label="Ctrl K: go to a page, a project or an action"
        onClick={() => setShown("palette")}
      >
        <kbd>Ctrl K</kbd>
      </button>
      {shown === "palette" && <Palette onClose={close} />}
      {shown === "keys" && <KeysDialog onClose={close} />}
    </>
  );
}

/** Letters that are typed somewhere are no keys, and neither are those that are pressed in front of a dialog. */
function actionOf({
  key,
  ctrlKey,
  metaKey,
  altKey,
  target,
}: KeyboardEvent): "palette" | "find" | "keys" | undefined {
  if (document.querySelector("dialog[open]")) return undefined;
  if ((ctrlKey || metaKey) && !altKey && key.toLowerCase() === "k") return "palette";
  const isTyping =
    target instanceof HTMLElement &&
    (target.isContentEditable ||
      target.matches("input:not([type=radio], [type=checkbox], [type=range]), textarea, select"));
  if (isTyping || ctrlKey || metaKey || altKey) return undefined;
  if (key === "/") return "find";
  return key === "?" ? "keys" : undefined;
}

function focusSearch(): boolean {
  const search = document.querySelector<HTMLInputElement>("input[data-search]");
  search?.focus();
  search?.select();
  return search !== null;
}

function KeysDialog({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title="Keys" onClose={onClose}>
      <dl className="keys">
        {KEYS.map(([keys, does]) => (
          <div key={keys}>
            <dt>
              <kbd>{keys}</kbd>
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
