import type { Identity } from '@flotilla/kube'
import { type Asked, type Binding, type Rule, ruleAllows } from './rules.ts'

/** Where somebody may do something: everywhere, or in these namespaces. */
export type Places = 'everywhere' | ReadonlySet<string>

/** What RBAC of one cluster says about people, without asking it: for lists and streams of what is in memory. */
export interface RbacView {
  /** Undefined while not all roles and bindings are seen. */
  places(identity: Identity, asked: Asked): Places | undefined
  /** As the API server's own answer; a namespace of '' is cluster-scoped. */
  may(identity: Identity, asked: Asked & { readonly namespace: string }): boolean | undefined
}

/** Every user that was authenticated has it, and so has whoever is impersonated. */
const authenticated = 'Group/system:authenticated'

/** Roles and bindings by key: `namespace/name`, with an empty namespace where they are of the cluster. */
export class RbacState implements RbacView {
  /** Whether everything was seen. */
  isWhole: () => boolean = () => true
  readonly #roles = new Map<string, readonly Rule[]>()
  readonly #bindings = new Map<string, Binding>()
  /** Keys of bindings by subject. */
  readonly #bySubject = new Map<string, Set<string>>()

  putRole(key: string, rules: readonly Rule[] | undefined): void {
    if (rules === undefined) this.#roles.delete(key)
    else this.#roles.set(key, rules)
  }

  putBinding(key: string, binding: Binding | undefined): void {
    for (const subject of this.#bindings.get(key)?.subjects ?? []) {
      const keys = this.#bySubject.get(subject)
      keys?.delete(key)
      if (keys?.size === 0) this.#bySubject.delete(subject)
    }
    if (binding === undefined) {
      this.#bindings.delete(key)
      return
    }
    this.#bindings.set(key, binding)
    for (const subject of binding.subjects) {
      const keys = this.#bySubject.get(subject) ?? new Set()
      this.#bySubject.set(subject, keys.add(key))
    }
  }

  places(identity: Identity, asked: Asked): Places | undefined {
    if (!this.isWhole()) return undefined
    const found = new Set<string>()
    for (const { namespace, rules } of this.#rulesOf(identity)) {
      if (!rules.some((rule) => ruleAllows(rule, asked))) continue
      if (namespace === '') return 'everywhere'
      found.add(namespace)
    }
    return found
  }

  may(identity: Identity, asked: Asked & { readonly namespace: string }): boolean | undefined {
    if (!this.isWhole()) return undefined
    for (const { namespace, rules } of this.#rulesOf(identity)) {
      if (namespace !== '' && namespace !== asked.namespace) continue
      if (rules.some((rule) => ruleAllows(rule, asked))) return true
    }
    return false
  }

  *#rulesOf({ user, groups }: Identity): Iterable<{ namespace: string; rules: readonly Rule[] }> {
    for (const subject of [`User/${user}`, ...groups.map((group) => `Group/${group}`), authenticated]) {
      for (const key of this.#bySubject.get(subject) ?? []) {
        const rules = this.#roles.get(this.#bindings.get(key)?.role ?? '')
        if (rules !== undefined) yield { namespace: key.slice(0, key.indexOf('/')), rules }
      }
    }
  }
}
