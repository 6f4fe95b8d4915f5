import type { ReactNode } from "react";

/** Two stacks side by side, one under the other where there is no room; a panel never moves to the other stack. */
export function Columns({ children: [left, right] }: { children: [ReactNode, ReactNode] }) {
  return (
    <div className="columns">
      <div className="stack">{left}</div>
      <div className="stack">{right}</div>
    </div>
  );
}
