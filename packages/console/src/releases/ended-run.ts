const ended = new Set<string>(['Succeeded', 'Failed', 'Aborted', 'RolledBack', 'RollbackFailed'])

/** Whether a run in this phase goes on no more. */
export const endedRun = (phase: string): boolean => ended.has(phase)
