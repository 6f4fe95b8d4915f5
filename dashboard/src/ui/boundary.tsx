import { Component, type ReactNode } from "react";

interface State {
  hasFailed: boolean;
}

/** Keeps a mistake in one part of the page from taking the others with it. */
export class Boundary extends Component<{ children: ReactNode }, State> {
  override state: State = { hasFailed: false };

  static getDerivedStateFromError(): State {
    return { hasFailed: true };
  }

  override render(): ReactNode {
    if (!this.state.hasFailed) return this.props.children;
    return (
      <div className="problem" role="alert">
        <p>This part of the page failed to draw.</p>
        <button type="button" onClick={() => this.setState({ hasFailed: false })}>
          Try again
        </button>
      </div>
    );
  }
}
