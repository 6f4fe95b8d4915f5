/** A correction of the lane that a task was put in. */
export interface LaneOverride {
  id: string;
  projectId: string;
  taskId: string;
  taskName: string;
  taskDescription: string | null;
  predictedLaneId: number;
  correctedLaneId: number;
  reason: string | null;
  correctedBy: string;
  correctedAt: Date;
  /** Who took it back, and when; null while it stands. */
  removedBy: string | null;
  removedAt: Date | null;
}
