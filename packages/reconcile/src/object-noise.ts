import { type KubeObject, isRecord } from '@flotilla/model'

/** What API servers and controllers write into metadata by themselves. */
const noisyMetadata = new Set([
  'managedFields',
  'resourceVersion',
  'uid',
  'generation',
  'creationTimestamp',
  'selfLink',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
])
const noisyAnnotations = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  'deployment.kubernetes.io/revision',
  'deprecated.daemonset.template.generation',
])

/** Stands for a value of a Secret. */
export const secretMask = '(secret)'

/** The object as somebody wrote it: without status and what clusters count, and a Secret's text under `data` alone. */
export function withoutNoise(object: KubeObject): Record<string, unknown> {
  const { status: _status, metadata, ...rest } = object
  const kept = Object.entries(metadata).flatMap(([key, value]): [string, unknown][] => {
    if (noisyMetadata.has(key)) return []
    if (key === 'annotations' && isRecord(value)) {
      const annotations = Object.entries(value).filter(([name]) => !noisyAnnotations.has(name))
      return annotations.length === 0 ? [] : [[key, Object.fromEntries(annotations)]]
    }
    return [[key, value]]
  })
  const clean: Record<string, unknown> = { ...rest, metadata: Object.fromEntries(kept) }
  return object.kind === 'Secret' ? withDataAlone(clean) : clean
}

/** The object as it may be shown to whoever may not read Secrets: keys stay, values do not. */
export function maskSecret(object: KubeObject): KubeObject {
  if (object.kind !== 'Secret') return object
  const { data, stringData, ...rest } = object
  const annotations = Object.entries(object.metadata.annotations ?? {}).filter(([name]) => !noisyAnnotations.has(name))
  return {
    ...rest,
    metadata: {
      ...object.metadata,
      ...(object.metadata.annotations === undefined ? {} : { annotations: Object.fromEntries(annotations) }),
    },
    ...(data === undefined ? {} : { data: showSecrets(data) }),
    ...(stringData === undefined ? {} : { stringData: showSecrets(stringData) }),
  }
}

/** Keys of a map with masks for values; a mask for anything else. */
export function showSecrets(value: unknown): unknown {
  if (!isRecord(value)) return secretMask
  return Object.fromEntries(Object.keys(value).map((key) => [key, secretMask]))
}

/** `stringData` is what the API server folds into `data`: one password written both ways is one password. */
function withDataAlone({ stringData, data, ...rest }: Record<string, unknown>): Record<string, unknown> {
  const folded = new Map(isRecord(data) ? Object.entries(data) : [])
  for (const [key, text] of isRecord(stringData) ? Object.entries(stringData) : [])
    folded.set(key, typeof text === 'string' ? Buffer.from(text, 'utf8').toString('base64') : text)
  return folded.size === 0 ? rest : { ...rest, data: Object.fromEntries(folded) }
}
