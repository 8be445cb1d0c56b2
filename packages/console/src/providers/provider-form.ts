import type { Dictionary } from '../i18n/en.ts'
import type { ProviderType } from '../query/use-providers.ts'

type FieldName = keyof Dictionary['providers']['fields']
type Choice = keyof Dictionary['providers']['choices']

export interface ProviderField {
  readonly name: FieldName
  readonly required?: boolean
  readonly placeholder?: string
  /** The first is what holds when nothing is said. */
  readonly choices?: readonly Choice[]
  /** Several words, kept as a list. */
  readonly words?: boolean
}

/** What the form of each type asks for; what else its settings hold stays as it is. */
export const providerFields: Readonly<Record<ProviderType, readonly ProviderField[]>> = {
  oidc: [
    { name: 'issuer', required: true, placeholder: 'https://login.example.com' },
    { name: 'clientId', required: true },
    { name: 'scopes', words: true, placeholder: 'openid profile email' },
    { name: 'groupsClaim', placeholder: 'groups' },
  ],
  oauth2: [
    { name: 'authorizeUrl', required: true },
    { name: 'tokenUrl', required: true },
    { name: 'userUrl', required: true },
    { name: 'clientId', required: true },
    { name: 'subjectField', required: true, placeholder: 'id' },
    { name: 'nameField', placeholder: 'name' },
    { name: 'emailField', placeholder: 'email' },
    { name: 'groupsField', placeholder: 'groups' },
    { name: 'scopes', words: true },
    { name: 'clientAuth', choices: ['basic', 'body'] },
    { name: 'tokenIn', choices: ['header', 'query'] },
  ],
  ldap: [
    { name: 'url', required: true, placeholder: 'ldaps://ldap.example.com' },
    { name: 'bindDn', required: true, placeholder: 'cn=reader,dc=example,dc=com' },
    { name: 'userBase', required: true, placeholder: 'ou=people,dc=example,dc=com' },
    { name: 'userFilter', placeholder: '(uid={name})' },
    { name: 'groupBase', placeholder: 'ou=groups,dc=example,dc=com' },
    { name: 'memberOfAttribute', placeholder: 'memberOf' },
  ],
  dingtalk: [{ name: 'clientId', required: true }],
  feishu: [
    { name: 'appId', required: true },
    { name: 'region', choices: ['feishu', 'lark'] },
  ],
  wecom: [
    { name: 'corpId', required: true },
    { name: 'agentId', required: true },
  ],
}

/** Whether it has a certificate of its own to be trusted. */
export const takesAuthority = (type: ProviderType): boolean => ['oidc', 'oauth2', 'ldap'].includes(type)

export interface ProviderForm {
  readonly type: ProviderType
  readonly displayName: string
  readonly sessionHours: string
  readonly ca: string
  /** Of its type, as they are typed. */
  readonly settings: Readonly<Record<string, string>>
}

type Spec = Readonly<Record<string, unknown>>

const textOf = (value: unknown): string =>
  Array.isArray(value) ? value.join(' ') : typeof value === 'string' || typeof value === 'number' ? String(value) : ''

export function readForm(type: ProviderType, spec: Spec): ProviderForm {
  const settings: Spec = Object.assign({}, spec[type])
  return {
    type,
    displayName: textOf(spec['displayName']),
    sessionHours: textOf(spec['sessionHours'] ?? 12),
    ca: textOf(spec['ca']),
    settings: Object.fromEntries(providerFields[type].map(({ name }) => [name, textOf(settings[name])])),
  }
}

/** The specification with what the form holds; what it does not know survives, and what was emptied goes. */
export function writeForm(form: ProviderForm, before: Spec): Record<string, unknown> {
  const { type, displayName, sessionHours, ca } = form
  const settings: Record<string, unknown> = Object.assign({}, before[type])
  for (const { name, words = false } of providerFields[type]) {
    const text = (form.settings[name] ?? '').trim()
    if (text === '') delete settings[name]
    else settings[name] = words ? text.split(/[\s,]+/) : text
  }
  const spec: Record<string, unknown> = { ...before, type, sessionHours: Number(sessionHours), [type]: settings }
  for (const [key, text] of Object.entries({ displayName, ca }))
    if (text.trim() === '') delete spec[key]
    else spec[key] = text.trim()
  return spec
}
