import { z } from 'zod'
import { dnsLabel, dnsSubdomain } from '../names.ts'
import { cel, preserveUnknown } from './define-kind.ts'
import { exactlyOne, hasExactlyOne, oneOf } from './one-of.ts'

const plainText = z
  .string()
  .min(1)
  .max(2048)
  .regex(/^[^\p{Cc}]+$/u, 'must not hold control characters')
/** A value that ends up as an argument of git: never an option, never another line. */
const gitWord = plainText.regex(/^[^-]/, 'must not start with "-"')
/** Segments of any kind but `..`; written without look-ahead, so that the API server takes it too. */
const withoutParent = /^(?:[^/.][^/]*|\.(?:[^/.][^/]*)?|\.\.[^/]+)?(?:\/(?:[^/.][^/]*|\.(?:[^/.][^/]*)?|\.\.[^/]+)?)*$/
const relativePath = gitWord.regex(/^[^/]/, 'must be relative').regex(withoutParent, 'must not hold ".."')

const gitUrl = gitWord
  .describe(
    'https:// address of the repository; a private one is opened by credentialName (token, or username and password)',
  )
  .meta(
    cel({
      // at admission only: what was written before stays readable, and the renderer refuses it (file: unless a server allows it)
      rule: "self.matches('^(https?|file)://')",
      message:
        'Git is read over https; write https://host/path, and name a Credential in credentialName for a private one',
    }),
  )

export const GitSource = z.object({
  url: gitUrl,
  ref: gitWord.max(255).default('HEAD').describe('Branch, tag or commit'),
  path: relativePath.optional().describe('Folder inside the repository; its root when absent'),
})
export const OciSource = z.object({
  url: plainText.describe('oci://registry/repository, without a tag'),
  version: plainText.max(255).describe('Tag, or sha256:... digest'),
})
export const RepositorySource = z.object({
  url: plainText.describe('https:// address of the chart repository (where index.yaml lies)'),
  name: plainText.max(253).describe('Name of the chart'),
  version: plainText.max(255).describe('Version of the chart, or a range such as ^1.2'),
})
export const UploadSource = z.object({
  digest: z
    .string()
    .regex(/^sha256:[0-9a-f]{64}$/, 'must be sha256:<64 hex digits>')
    .describe('What `flotilla apply` uploaded from a folder'),
  name: plainText.max(253).optional().describe('What it was called where it came from'),
})

export const ChartSource = oneOf(
  {
    oci: OciSource.optional(),
    repository: RepositorySource.optional(),
    git: GitSource.optional(),
    upload: UploadSource.optional(),
  },
  {},
)
export type ChartSource = z.infer<typeof ChartSource>

export const FolderSource = oneOf({ git: GitSource.optional(), upload: UploadSource.optional() }, {})
export type FolderSource = z.infer<typeof FolderSource>

export const ManifestSource = oneOf(
  {
    git: GitSource.optional(),
    upload: UploadSource.optional(),
    inline: z.string().min(1).max(262_144).optional().describe('The manifests themselves, as YAML'),
  },
  {},
)
export type ManifestSource = z.infer<typeof ManifestSource>

/** Helm values: any YAML object. */
export const Values = z.record(z.string(), z.unknown()).meta(preserveUnknown)
export type Values = z.infer<typeof Values>

export const Images = z
  .record(z.string().min(1).max(512), plainText)
  .describe('Image name as rendered -> reference to use instead (name, name:tag or name@sha256:...)')

export const ValuesFrom = z.object({
  secretName: dnsSubdomain().describe("Secret in the project's host namespace"),
  key: z.string().min(1).max(253).default('values.yaml'),
  optional: z.boolean().default(false),
})

export const Component = z
  .object({
    name: dnsLabel(40),
    helm: z
      .object({
        chart: ChartSource,
        releaseName: dnsLabel(53).optional().describe("Name of the Helm release; the component's name when absent"),
      })
      .optional(),
    kustomize: FolderSource.optional(),
    manifests: ManifestSource.optional(),
    credentialName: dnsSubdomain().optional().describe('Credential of the project that opens the source'),
    values: Values.optional().describe('Helm values of this component'),
    valuesFrom: z.array(ValuesFrom).max(20).optional().describe('Helm values from Secrets, below `values`'),
    images: Images.optional(),
    leaveTo: z
      .array(z.string().min(1).max(128))
      .max(20)
      .optional()
      .describe('Field managers of others: paths that they own are left to them'),
    hookTimeoutSeconds: z.number().int().min(1).max(86_400).default(300).describe('How long one hook may run'),
  })
  .refine(hasExactlyOne(['helm', 'kustomize', 'manifests']), 'exactly one of helm, kustomize, manifests is needed')
  .meta(exactlyOne('helm', 'kustomize', 'manifests'))
export type Component = z.infer<typeof Component>
