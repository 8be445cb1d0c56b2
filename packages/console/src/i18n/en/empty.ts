export const empty = {
  filteredOut: 'Nothing matches the filter',
  filteredOutHint: (shown: number, total: number) => `${shown} of ${total} shown.`,
  clearFilter: 'Clear the filter',
  forbidden: 'You have no right to see this',
  forbiddenHint: (verb: string, resource: string, scope: string) => `It takes “${verb}” on ${resource} in ${scope}.`,
  forbiddenWho: (who: string) => `${who} can grant it.`,
  platformAdministrators: 'A platform administrator',
  unreachable: 'The server does not answer',
  unreachableHint: 'This is about the network or the server, not about your rights. It is tried again by itself.',
  clusterUnreachable: (cluster: string) => `${cluster} cannot be reached`,
  retry: 'Try again',
} as const
