/** Ends this process when the one that started it is gone. */
export function endWithParent(): void;
