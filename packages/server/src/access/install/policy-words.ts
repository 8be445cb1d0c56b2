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
