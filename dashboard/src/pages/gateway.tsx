import { useEffect, useState } from "react";
import { CircuitPanel } from "../plm/circuit-panel.tsx";
import { Anchor } from "../ui/router.tsx";

export function GatewayPage() {
  return (
    <>
      <div className="heading">
        <h1>Gateway</h1>
        <PlaygroundLink />
      </div>
      <div className="grid">
        <CircuitPanel />
      </div>
    </>
  );
}

/** The playground is served in development only. */
function PlaygroundLink() {
  const [isServed, setServed] = useState(false);
  useEffect(() => {
    const look = async () => setServed((await fetch("/playground", { method: "HEAD" })).ok);
    look().catch(() => setServed(false));
  }, []);
  return isServed && <Anchor to="/playground">Open the playground</Anchor>;
}
