import { z } from 'zod'
import { ClusterLabels, ClusterName, ClusterRow } from './cluster.ts'

const form = z
  .enum(['command', 'manifest', 'values'])
  .default('command')
  .describe(
    'A command that fetches the manifest once, within an hour; or the manifest itself, or values for the chart, which hold a token',
  )

const image = z
  .string()
  .max(512)
  .regex(/^[a-z0-9][A-Za-z0-9._:/@-]*$/, 'must be the name of an image')
  .optional()
  .describe("The agent's image, where the usual one cannot be pulled")

export const AddAgent = z.object({
  name: ClusterName,
  displayName: z.string().max(128).optional(),
  labels: ClusterLabels.optional(),
  edge: z.boolean().default(false),
  form,
  image,
})

export const InviteAgent = z.object({ form, image })

export const Invitation = z.object({
  command: z.string().optional().describe('To run where kubectl reaches the cluster'),
  expiresAt: z.string().optional().describe('Until when the command can be run'),
  manifest: z.string().optional().describe('YAML for kubectl apply, or for helm install -f'),
})
export type Invitation = z.infer<typeof Invitation>

export const AddedAgent = Invitation.extend({ cluster: ClusterRow })
