import { z } from 'zod'
import { dnsLabel } from '../names.ts'
import { baseStatus, cel, defineKind, objectSchema } from './define-kind.ts'

const webAddress = () =>
  z
    .string()
    .max(2048)
    .regex(/^https?:\/\/[^\s\\@?#]+$/, 'must be an https:// address without a user, a query or a fragment')
const identifier = () => z.string().min(1).max(512)
/** Name of a claim or of a field; `data.user.id` is a field within fields. */
const fieldName = () => z.string().min(1).max(256)
const scopes = () =>
  z.array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,128}$/, 'must be a scope without blanks')).max(32)
/** Sent beside what the protocol asks for; what it asks for itself cannot be set. */
const parameters = () => z.record(z.string().min(1).max(64), z.string().max(1024))

export const OidcSettings = z.object({
  issuer: webAddress().describe('Its /.well-known/openid-configuration says everything else'),
  clientId: identifier(),
  scopes: scopes().default(['openid', 'profile', 'email']).describe('openid is always asked for'),
  nameClaim: fieldName().default('name'),
  emailClaim: fieldName().default('email'),
  groupsClaim: fieldName().default('groups'),
})
export type OidcSettings = z.infer<typeof OidcSettings>

export const Oauth2Settings = z.object({
  clientId: identifier(),
  authorizeUrl: webAddress(),
  tokenUrl: webAddress(),
  userUrl: webAddress().describe('Asked with the access token who it is of; answers JSON'),
  scopes: scopes().default([]),
  clientAuth: z
    .enum(['basic', 'body'])
    .default('basic')
    .describe('How the token address gets client and secret: by HTTP Basic, or as client_id and client_secret'),
  authorizeParameters: parameters().optional(),
  tokenParameters: parameters().optional(),
  userParameters: parameters().optional().describe('In the query of userUrl'),
  tokenField: fieldName().default('access_token').describe('Field of the answer of tokenUrl'),
  tokenIn: z
    .enum(['header', 'query'])
    .default('header')
    .describe('How userUrl gets the access token: as bearer, or as access_token in the query'),
  subjectField: fieldName().describe('Field of the answer that names a person for good, such as id or data.user_id'),
  nameField: fieldName().default('name'),
  emailField: fieldName().default('email'),
  groupsField: fieldName().default('groups'),
})
export type Oauth2Settings = z.infer<typeof Oauth2Settings>

export const LdapSettings = z
  .object({
    url: z
      .string()
      .max(512)
      .regex(/^ldaps?:\/\/[^\s/@?#]+\/?$/, 'must be ldap://host[:port] or ldaps://host[:port]'),
    startTls: z.boolean().default(true).describe('Of ldap://: nothing is said before the connection is encrypted'),
    bindDn: z.string().min(1).max(1024).describe('The account that looks people up'),
    userBase: z.string().min(1).max(1024).describe('Where people are'),
    userFilter: z
      .string()
      .min(3)
      .max(1024)
      .default('(uid={name})')
      .describe('Finds one person; {name} is what they type, escaped')
      .meta(cel({ rule: "self.contains('{name}')", message: 'must hold {name}' })),
    subjectAttribute: fieldName()
      .default('entryUUID')
      .describe('Names a person for good: entryUUID; objectGUID in Active Directory'),
    nameAttribute: fieldName().default('cn'),
    emailAttribute: fieldName().default('mail'),
    memberOfAttribute: fieldName().optional().describe('Names their groups on the person, such as memberOf'),
    groupBase: z.string().max(1024).optional().describe('Where groups are, when they are searched'),
    groupFilter: z.string().max(1024).default('(member={dn})').describe('{dn} and {name} of the person, escaped'),
    groupNameAttribute: fieldName().default('cn'),
  })
  .meta(
    cel({
      rule: "self.url.startsWith('ldaps://') || self.startTls",
      message: 'passwords need a connection that is encrypted: ldaps://, or startTls',
    }),
  )
export type LdapSettings = z.infer<typeof LdapSettings>

export const DingTalkSettings = z.object({
  clientId: identifier().describe('AppKey of the application'),
  corpId: identifier().optional().describe('Organisation that is chosen for them on the page of DingTalk'),
})
export const FeishuSettings = z.object({
  appId: identifier(),
  region: z.enum(['feishu', 'lark']).default('feishu'),
})
export const WecomSettings = z.object({
  corpId: identifier(),
  agentId: identifier().describe('AgentId of the application'),
})

export const providerTypes = ['oidc', 'oauth2', 'ldap', 'dingtalk', 'feishu', 'wecom'] as const
export type ProviderType = (typeof providerTypes)[number]

export const IdentityProviderSpec = z
  .object({
    type: z.enum(providerTypes),
    displayName: z.string().max(64).optional().describe('What its button says'),
    disabled: z.boolean().default(false).describe('Nobody signs in through it, and what people who did have open ends'),
    ca: z
      .string()
      .max(65_536)
      .optional()
      .describe('PEM of the authorities that sign its certificate; the usual ones when absent'),
    sessionHours: z
      .number()
      .int()
      .min(1)
      .max(720)
      .default(12)
      .describe('So long a session lasts at most: then the provider is asked again whether the person is still there'),
    tokenDays: z
      .number()
      .int()
      .min(1)
      .max(365)
      .default(30)
      .describe('API tokens of its people rest when the person has not signed in through it for so long'),
    oidc: OidcSettings.optional(),
    oauth2: Oauth2Settings.optional(),
    ldap: LdapSettings.optional(),
    dingtalk: DingTalkSettings.optional(),
    feishu: FeishuSettings.optional(),
    wecom: WecomSettings.optional(),
  })
  .meta(
    cel(
      ...providerTypes.map((type) => ({
        rule: `(self.type == '${type}') == has(self.${type})`,
        message: `spec.${type} is for type ${type}, and is needed there`,
      })),
    ),
  )
export type IdentityProviderSpec = z.infer<typeof IdentityProviderSpec>

export const IdentityProviderStatus = z.object({ ...baseStatus })

export const IdentityProviderKind = defineKind({
  kind: 'IdentityProvider',
  plural: 'identityproviders',
  singular: 'identityprovider',
  shortNames: ['idp'],
  scope: 'Cluster',
  description:
    'Signs people in from elsewhere. What proves Flotilla to it is in the Secret identity-provider-<name> of flotilla-system, under the key secret.',
  spec: IdentityProviderSpec,
  status: IdentityProviderStatus,
  printerColumns: [
    { name: 'Type', type: 'string', jsonPath: '.spec.type' },
    { name: 'Ready', type: 'string', jsonPath: ".status.conditions[?(@.type=='Ready')].status" },
    { name: 'Disabled', type: 'boolean', jsonPath: '.spec.disabled' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ],
  validations: [
    {
      rule: "self.metadata.name.matches('^[a-z0-9]([-a-z0-9]{0,30}[a-z0-9])?$')",
      message: 'metadata.name must be a DNS label of at most 32 characters',
    },
    { rule: 'self.spec.type == oldSelf.spec.type', message: 'spec.type cannot change; make another IdentityProvider' },
  ],
})
export const IdentityProvider = objectSchema(IdentityProviderKind)
export type IdentityProvider = z.infer<typeof IdentityProvider>

/** The Secret beside it, in flotilla-system: client secret, app secret or bind password, under the key `secret`. */
export const providerSecretName = (provider: string): string => `identity-provider-${provider}`
export const ProviderName = dnsLabel(32)
