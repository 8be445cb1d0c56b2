import { group, labels, projectNamespace, workspaceNamespace } from '@flotilla/model'

/** Whether the writer holds a verb of Flotilla's own there. */
export const holds = (verb: string, resource: string): string =>
  `authorizer.group('${group}').resource('${resource}').namespace(request.namespace).check('${verb}').allowed()`

/** Whether it is in the host namespace of one: the name alone could be anybody's, the label alone is on targets, too. */
export function placed(owner: 'workspace' | 'project'): string {
  const prefix = owner === 'workspace' ? workspaceNamespace('') : projectNamespace('')
  const label = `namespaceObject.metadata.?labels['${labels.managed}'].orValue('')`
  return `request.namespace.startsWith('${prefix}') && ${label} == '${owner}'`
}

/** Whether nothing in a map differs from what it was, but for these keys. `object` stands at its beginning. */
export function sameBut(path: string, keys: readonly string[]): string {
  const [after, before] = [`object.${path}`, `oldObject.${path}`]
  const free = `k in [${keys.map((key) => `'${key}'`).join(', ')}]`
  const kept = `${after}.all(k, ${free} || (k in ${before} && ${after}[k] == ${before}[k]))`
  return `${kept} && ${before}.all(k, ${free} || k in ${after})`
}

/** Of a DELETE: it goes already, or its namespace goes and takes all along. */
export const goesAnyway = 'has(oldObject.metadata.deletionTimestamp) || has(namespaceObject.metadata.deletionTimestamp)'
