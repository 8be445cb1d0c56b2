import { z } from 'zod'
import { RolePlace } from './people.ts'

export const TokenRow = z.object({
  id: z.string().describe('Names it in addresses; it opens nothing'),
  name: z.string(),
  access: z.enum(['read', 'write']),
  project: z.string().optional().describe('Only in this project; everywhere when absent'),
  createdBy: z.string(),
  createdAt: z.string(),
  expiresAt: z.string(),
  lastUsedAt: z.string().optional().describe('To the minute'),
})
export type TokenRow = z.infer<typeof TokenRow>
export const Tokens = z.object({ items: z.array(TokenRow) })

export const TokenQuery = z.object({
  user: z
    .string()
    .min(1)
    .max(63)
    .optional()
    .describe('Of somebody else, for who may change users; of a service account, for who gives roles where it belongs'),
})
export const NewToken = z.object({
  user: z
    .string()
    .min(1)
    .max(63)
    .optional()
    .describe('A service account, for who gives roles where it belongs; oneself when absent'),
  name: z
    .string()
    .trim()
    .min(1)
    .max(64)
    .regex(/^[^\p{Cc}]*$/u, 'must be one line'),
  access: z.enum(['read', 'write']).default('read'),
  project: z.string().min(1).max(50).optional(),
  days: z.number().int().min(1).max(365).default(90).describe('How long it is good for'),
})
export const TokenMade = TokenRow.extend({ token: z.string().describe('Shown once; only its hash is kept') })

export const NewServiceAccount = RolePlace.extend({
  name: z
    .string()
    .max(50)
    .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, 'must be lower-case letters, digits and "-"'),
  displayName: z.string().max(128).optional(),
})
export const ServiceAccountRow = z.object({
  name: z.string(),
  displayName: z.string().optional(),
  disabled: z.boolean(),
  createdAt: z.string(),
})
export const ServiceAccounts = z.object({ items: z.array(ServiceAccountRow) })
