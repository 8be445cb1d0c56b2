import type { ErrorCode } from '@flotilla/model/errors'

/** What an error is called, by its code. The server's sentence and remedy stand below it. */
const titles = {
  'input.invalid': 'A field is not right',
  'input.yaml': 'The YAML cannot be read',
  'input.too_large': 'That is too large',
  'request.not_found': 'There is no such thing',
  'request.conflict': 'It was changed meanwhile',
  'auth.required': 'Sign in first',
  'auth.failed': 'Name or password is not right',
  'auth.locked': 'Too many tries',
  'auth.forbidden': 'You have no right to this',
  'kubeconfig.refused': 'The kubeconfig is refused',
  'address.refused': 'The address is refused',
  'cluster.not_found': 'There is no such cluster',
  'cluster.unreachable': 'The cluster cannot be reached',
  'cluster.timeout': 'The cluster answers too slowly',
  'cluster.unauthorized': 'The cluster refuses the credential',
  'cluster.breaker_open': 'The cluster failed too often and is given a rest',
  'kube.api': 'The Kubernetes API refused it',
  'kube.not_found': 'There is no such object',
  'kube.conflict': 'The object was changed meanwhile',
  'kube.forbidden': 'Kubernetes gives you no right to this',
  'kube.invalid': 'Kubernetes finds the object invalid',
  'kube.overloaded': 'The API server is overloaded',
  'source.unreachable': 'The source cannot be reached',
  'source.not_found': 'The source does not exist',
  'source.unauthorized': 'The source refuses the credential',
  'source.refused': 'The source is refused',
  'archive.refused': 'The archive is refused',
  'render.failed': 'The chart does not render',
  'render.schema': 'The values do not fit the chart’s schema',
  'delivery.owned_by_other': 'Somebody else owns the object',
  'server.unreachable': 'The server does not answer',
  internal: 'Something went wrong in the server',
} as const satisfies Partial<Record<ErrorCode, string>>

export const errors = {
  titles,
  any: 'That did not work',
  field: (field: string) => `Field ${field}`,
} as const
