export const projects = {
  table: 'Projects',
  project: 'Project',
  applications: 'Applications',
  showApplications: 'Applications',
  targets: 'Targets',
  targetsTable: 'Targets',
  tabs: { targets: 'Targets', members: 'Members' },
  tabList: 'Parts of the project',
  cluster: 'Cluster',
  namespace: 'Namespace',
  environment: 'Environment',
  message: 'Message',
  states: { Ready: 'Ready', Pending: 'Being prepared', Refused: 'Refused', Unknown: 'Not known' },
  ready: (ready: number, total: number) => `${ready} of ${total} ready`,
  allReady: (total: number) =>
    total === 0
      ? 'No target'
      : total === 1
        ? 'Ready in its only target'
        : `Ready in all ${total} targets`,
  refusedLead: (places: string) => `Refused in ${places}`,
  unknownLead: (places: string) => `Not known in ${places}`,
  waitingLead: (places: string) => `Being prepared in ${places}`,
  podSecurity: 'Pod Security',
  levels: { restricted: 'restricted', baseline: 'baseline', privileged: 'privileged' },
  levelHints: {
    restricted: 'Hardened: no root, no host access',
    baseline: 'What most applications need; no host access',
    privileged: 'Host paths, host network and privileged containers. Platform administrators only',
  },
  wide: 'delivers to the whole cluster',
  nothingYet: 'No projects yet',
  nothingYetHint: 'A project is a namespace in each of the chosen clusters, and who may do what there.',
  noTargets: 'No cluster fits the targets',
  noTargetsHint: 'Change the targets, or the labels of clusters.',
  add: 'New project…',
  addTitle: (workspace: string) => `New project in ${workspace}`,
  nameHint: 'Lower-case letters, digits and “-”; it becomes the namespace. It cannot change later.',
  addTarget: 'Add target',
  removeTarget: 'Remove target',
  target: (number: number) => `Target ${number}`,
  namespaceHint: 'The project’s name when empty',
  environmentHint: 'dev, staging, prod …',
  moved: 'A namespace that is no longer a target is given up, with what was delivered there.',
  remove: 'Delete…',
  removeTitle: (name: string) => `Delete project ${name}`,
  removeLead: (targets: number) =>
    targets === 0
      ? 'It has no namespaces. Its memberships and credentials go with it.'
      : `Its ${targets === 1 ? 'namespace' : `${targets} namespaces`} that Flotilla made, its memberships and its credentials go with it.`,
  removeHeld: (applications: number) =>
    `It still has ${applications === 1 ? 'an application' : `${applications} applications`}; delete ${applications === 1 ? 'it' : 'them'} first`,
  gone: 'There is no such project, or you may not see it',
} as const
