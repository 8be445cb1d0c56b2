import { z } from 'zod'
import { dnsLabel } from '../names.ts'
import { baseStatus, cel, defineKind, objectSchema } from './define-kind.ts'
import { Images } from './source.ts'

export const ComponentVersionSpec = z
  .object({
    application: dnsLabel(40),
    component: dnsLabel(40),
    definition: z
      .object({
        type: z.enum(['helm', 'kustomize', 'manifests']),
        digest: z.string().max(200).describe('Digest of the chart, folder or manifests'),
        version: z.string().max(255).optional().describe('Chart version, tag or commit that it was resolved to'),
        pinned: z.string().max(4096).optional().describe('Where exactly it was found'),
      })
      .describe('What describes it: the chart, folder or manifests'),
    images: Images.optional().describe('Artifacts: image name as rendered -> reference that is used'),
  })
  .meta(cel({ rule: 'self == oldSelf', message: 'a ComponentVersion never changes; make another' }))
export type ComponentVersionSpec = z.infer<typeof ComponentVersionSpec>

export const ComponentVersionStatus = z.object({ ...baseStatus })

export const ComponentVersionKind = defineKind({
  kind: 'ComponentVersion',
  plural: 'componentversions',
  singular: 'componentversion',
  shortNames: ['fcv'],
  scope: 'Namespaced',
  description:
    'One version of one component, definition and artifacts apart: a new image with the old chart is another one. Written by Flotilla when a Release is frozen; never changes.',
  spec: ComponentVersionSpec,
  status: ComponentVersionStatus,
  printerColumns: [
    { name: 'Application', type: 'string', jsonPath: '.spec.application' },
    { name: 'Component', type: 'string', jsonPath: '.spec.component' },
    { name: 'Version', type: 'string', jsonPath: '.spec.definition.version' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ],
})
export const ComponentVersion = objectSchema(ComponentVersionKind)
export type ComponentVersion = z.infer<typeof ComponentVersion>
