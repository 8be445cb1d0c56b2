import type { HostKind, HostState } from '../../../fleet/host-state.ts'

/** Which application an engine of a test looks after. */
export interface Scope {
  /** Of the host. */
  readonly namespace: string
  readonly application: string
}

interface Object {
  readonly metadata: { readonly namespace?: string | undefined; readonly name: string }
}

/** The state as if there were only this application, so that several engines work beside each other on one host. */
export function scopeState(state: HostState, { namespace, application }: Scope): HostState {
  const here = ({ metadata }: Object): boolean => metadata.namespace === namespace
  const ofIt = (object: Object & { readonly spec: { readonly application: string } }): boolean =>
    here(object) && object.spec.application === application
  return {
    ...state,
    applications: scopeKind(state.applications, (object) => here(object) && object.metadata.name === application),
    deliveries: scopeKind(state.deliveries, (object) => here(object) && object.spec.application.name === application),
    releases: scopeKind(state.releases, ofIt),
    rollouts: scopeKind(state.rollouts, ofIt),
    moves: scopeKind(state.moves, ofIt),
  }
}

function scopeKind<T extends Object>(kind: HostKind<T>, isOfIt: (object: T) => boolean): HostKind<T> {
  return {
    get: (namespace, name) => {
      const found = kind.get(namespace, name)
      return found !== undefined && isOfIt(found) ? found : undefined
    },
    list: (namespace) => kind.list(namespace).filter(isOfIt),
    onChange: (listener) => {
      const told = new Set<string>()
      return kind.onChange((key, object) => {
        if (object !== undefined && isOfIt(object)) {
          told.add(key)
          listener(key, object)
        } else if (object === undefined && told.delete(key)) listener(key, undefined)
      })
    },
    unreadable: kind.unreadable,
  }
}
