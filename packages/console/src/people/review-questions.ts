import type { RouteBody } from '@flotilla/api'

type Question = NonNullable<RouteBody<'access.review'>>['questions'][number]

export const reviewVerbs = ['get', 'list', 'create', 'update', 'delete'] as const

export interface ReviewedKind {
  /** As people read it: the kind, or the resource. */
  readonly label: string
  readonly resource: string
  readonly group: string
  /** The only verb that means something here. */
  readonly only?: (typeof reviewVerbs)[number]
}

const ours = (label: string, resource: string): ReviewedKind => ({ label, resource, group: 'flotilla.dev' })
const core = (label: string, resource: string): ReviewedKind => ({ label, resource, group: '' })

/** What is worth asking about in the host, by where it is asked. */
export const hostKinds = {
  platform: [
    ours('Cluster', 'clusters'),
    ours('Workspace', 'workspaces'),
    ours('User', 'users'),
    ours('Membership', 'memberships'),
    ours('Project', 'projects'),
    ours('Application', 'applications'),
  ],
  project: [
    ours('Application', 'applications'),
    ours('Delivery', 'deliveries'),
    ours('Credential', 'credentials'),
    ours('Membership', 'memberships'),
    core('Secret', 'secrets'),
  ],
} as const satisfies Record<string, readonly ReviewedKind[]>

/** In the namespace of a project in a member. */
export const memberKinds: readonly ReviewedKind[] = [
  core('Pod', 'pods'),
  { ...core('Pod: logs', 'pods/log'), only: 'get' },
  { ...core('Pod: shell', 'pods/exec'), only: 'create' },
  { label: 'Deployment', resource: 'deployments', group: 'apps' },
  core('ConfigMap', 'configmaps'),
  core('Secret', 'secrets'),
]

/** One question for each cell of the matrix that means something. */
export const reviewQuestions = (kinds: readonly ReviewedKind[]): Question[] =>
  kinds.flatMap(({ resource, group, only }) =>
    reviewVerbs.flatMap((verb) => (only === undefined || only === verb ? [{ verb, resource, group }] : [])),
  )

/** The answers as rows of the matrix; undefined where nothing was asked. */
export function reviewRows(
  kinds: readonly ReviewedKind[],
  answers: readonly boolean[],
): { readonly kind: ReviewedKind; readonly cells: readonly (boolean | undefined)[] }[] {
  let at = 0
  return kinds.map((kind) => ({
    kind,
    cells: reviewVerbs.map((verb) =>
      kind.only === undefined || kind.only === verb ? (answers[at++] ?? false) : undefined,
    ),
  }))
}
