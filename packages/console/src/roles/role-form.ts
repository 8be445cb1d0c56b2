import type { RoleRow } from '@flotilla/api'
import { parse, stringify } from 'yaml'
import { asEverybodyReads, asKubernetesReads } from '@flotilla/model/yaml'

export interface RoleForm {
  readonly name: string
  readonly displayName: string
  readonly description: string
  readonly grants: ReadonlySet<string>
  /** YAML of rules of RBAC; empty for none. */
  readonly rules: string
}

export const emptyRole: RoleForm = { name: '', displayName: '', description: '', grants: new Set(), rules: '' }

export function readRole({ name, displayName = '', description = '', grants, rules }: RoleRow): RoleForm {
  const text = rules.length === 0 ? '' : stringify(rules, asEverybodyReads)
  return { name, displayName, description, grants: new Set(grants), rules: text }
}

/** The rules; undefined where the text is no list of them. */
export function readRules(text: string): readonly unknown[] | undefined {
  if (text.trim() === '') return []
  try {
    const found: unknown = parse(text, asKubernetesReads)
    return Array.isArray(found) ? found : undefined
  } catch {
    return undefined
  }
}

/** What the form owns of a spec; what it does not know stays. */
export function patchRole(spec: unknown, form: RoleForm): Record<string, unknown> {
  const { displayName: _name, description: _text, ...rest } = Object.assign({} as Record<string, unknown>, spec)
  const text = (key: string, value: string) => (value.trim() === '' ? {} : { [key]: value.trim() })
  return {
    ...rest,
    ...text('displayName', form.displayName),
    ...text('description', form.description),
    grants: [...form.grants].sort(),
    rules: readRules(form.rules) ?? [],
  }
}
