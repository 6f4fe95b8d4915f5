import { onDemand } from "../ui/load.tsx";

/** What is asked in front of a project, each in a file of its own: most readers only look. */
export const BudgetDialog = onDemand(async () => (await import("./budget-dialog.tsx")).BudgetDialog);
export const CancelDialog = onDemand(async () => (await import("./cancel-dialog.tsx")).CancelDialog);
export const CreateProjectDialog = onDemand(
  async () => (await import("./create-project-dialog.tsx")).CreateProjectDialog,
);
export const CreateWorkOrderDialog = onDemand(
  async () => (await import("./create-work-order-dialog.tsx")).CreateWorkOrderDialog,
);
export const OverrideDialog = onDemand(async () => (await import("./override-dialog.tsx")).OverrideDialog);
export const SimulateDialog = onDemand(async () => (await import("./simulate-dialog.tsx")).SimulateDialog);
export const StartDialog = onDemand(async () => (await import("./start-dialog.tsx")).StartDialog);
