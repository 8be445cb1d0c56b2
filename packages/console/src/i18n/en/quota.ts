export const quota = {
  title: 'Quota',
  tab: 'Quota',
  none: 'No quota',
  noneHint: 'The project uses what its clusters give. A quota is set when the project is edited.',
  inAll: 'In all namespaces together',
  perTarget: 'In each namespace',
  age: 'as the clusters said, up to half a minute ago',
  resource: 'Resource',
  used: 'Used',
  asked: 'Asked for',
  granted: 'Granted',
  left: 'Left in the workspace',
  unbounded: 'no bound',
  notSaid: 'not said yet',
  of: (used: string, all: string) => `${used} of ${all}`,
  atLeast: (used: string) => `at least ${used}`,
  share: 'Given to projects',
  leftOf: (left: string) => `${left} left`,
  atMost: (most: string) => `At most ${most}`,
  example: (resource: string) =>
    /memory|storage/.test(resource)
      ? 'Such as 512Mi or 10Gi'
      : resource === 'pods'
        ? 'A number'
        : 'Cores, such as 500m or 4',
  set: 'Set quota',
  noBound: 'Nothing bounds what its projects use together.',
  setTitle: (name: string) => `Quota of ${name}`,
  ofWorkspace: 'What its projects may use together',
  amountOf: (about: string, resource: string) => `Amount of ${resource}, ${about}`,
  usedOf: (used: string) => `${used} used`,
  givenOf: (given: string) => `${given} given to projects`,
  belowUsed: 'below what is used: what runs stays, nothing new starts',
  belowGiven: 'below what was given: that stays, nobody gets more',
  over: (most: string) => `The workspace has ${most} for it at most`,
  overdrawn: (resources: string) => `The namespaces ask together for more than the whole: ${resources}`,
  targetHint: (count: number) =>
    count === 1
      ? 'a share of its own; empty: of what is left'
      : `a share for each of ${count} namespaces; empty: of what is left`,
  changes: 'What saving changes',
  noChanges: 'Nothing is changed yet.',
  wrong: 'Not an amount such as 500m, 4 or 10Gi',
  container: 'A container that names nothing itself',
  containerHint: 'With a quota of requests or limits, a cluster refuses pods whose containers have none.',
  containerParts: {
    defaultRequest: (resource: string) => `requests ${resource}`,
    default: (resource: string) => `limits ${resource}`,
  },
} as const
