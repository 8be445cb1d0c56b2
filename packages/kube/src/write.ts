import { parseApiVersion, type KubeObject } from '@flotilla/model'
import type { Discovery } from './discovery.ts'
import { KubeError } from './kube-error.ts'
import type {
  CallOptions,
  DeleteOptions,
  KubeClient,
  Patch,
  RawAnswer,
  RawRequest,
  WriteOptions,
} from './kube-client.ts'
import type { ObjectKey } from './kind-ref.ts'
import { objectPath } from './paths.ts'
import { parseWarnings } from './warnings.ts'

type Writer = Pick<
  KubeClient,
  'create' | 'apply' | 'applyStatus' | 'update' | 'replaceStatus' | 'patch' | 'delete' | 'evict' | 'scale'
>

interface WriterOptions {
  readonly request: <T>(request: RawRequest) => Promise<RawAnswer<T>>
  readonly discovery: Discovery
}

const patchTypes = {
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  json: 'application/json-patch+json',
  apply: 'application/apply-patch+yaml',
} as const

/** The writing half of a client. */
export function createWriter({ request, discovery }: WriterOptions): Writer {
  async function pathOf(key: ObjectKey, subresource: string | undefined, options: CallOptions): Promise<string> {
    const kind = await discovery.resolveKind(key, options)
    return objectPath(kind, { namespace: key.namespace, name: key.name, subresource })
  }

  async function send<T>(raw: RawRequest, options: WriteOptions, query: RawRequest['query'] = {}): Promise<T> {
    const { fieldManager, fieldValidation, dryRun, signal, timeoutMs } = options
    const common = { fieldManager, fieldValidation, dryRun: dryRun === true ? 'All' : undefined }
    const answer = await request<T>({ ...raw, query: { ...common, ...query }, signal, timeoutMs })
    if (options.onWarning !== undefined) parseWarnings(answer.headers['warning']).forEach(options.onWarning)
    return answer.body
  }

  const writer: Writer = {
    create: async (object, options = {}) => {
      const kind = await discovery.resolveKind(keyOf(object), options)
      // A created object is named in its body; only its subresource has the name in the path.
      const name = options.subresource === undefined ? undefined : object.metadata.name
      const { namespace } = object.metadata
      if (name === undefined && kind.namespaced)
        objectPath(kind, { namespace, name: object.metadata.name || 'generated' })
      const path = objectPath(kind, { namespace, name, subresource: options.subresource })
      return send({ method: 'POST', path, body: object }, options)
    },
    apply: async (object, options) => {
      const path = await pathOf(keyOf(object), options.subresource, options)
      const body = { ...object, metadata: { ...object.metadata, managedFields: undefined } }
      const query = { force: options.force ?? false }
      // Applying the same again changes nothing, and with a resourceVersion in it a second one fails: safe to repeat.
      return send({ method: 'PATCH', path, body, contentType: patchTypes.apply, idempotent: true }, options, query)
    },
    applyStatus: (object, options) => writer.apply(object, { ...options, subresource: 'status' }),
    update: async (object, options = {}) => {
      const path = await pathOf(keyOf(object), options.subresource, options)
      return send({ method: 'PUT', path, body: object }, options)
    },
    replaceStatus: (object, options) => writer.update(object, { ...options, subresource: 'status' }),
    patch: async (key, patch, options = {}) => {
      const path = await pathOf(key, options.subresource, options)
      const contentType = patchTypes[patch.type]
      return send({ method: 'PATCH', path, body: patchBody(patch), contentType }, options)
    },
    delete: async (key, options = {}) => {
      const path = await pathOf(key, undefined, options)
      const body = { apiVersion: 'v1', kind: 'DeleteOptions', ...deleteOptions(options) }
      const { signal, timeoutMs } = options
      try {
        // With the uid in it, a repeat can never hit another object of the same name.
        const idempotent = options.uid !== undefined
        const answer = await request<KubeObject>({ method: 'DELETE', path, body, idempotent, signal, timeoutMs })
        return answer.body?.metadata?.deletionTimestamp === undefined ? 'deleted' : 'deleting'
      } catch (thrown) {
        if (thrown instanceof KubeError && thrown.code === 'kube.not_found') return 'absent'
        throw thrown
      }
    },
    evict: async ({ namespace, name }, options = {}) => {
      const path = objectPath(pods, { namespace, name, subresource: 'eviction' })
      const body = {
        apiVersion: 'policy/v1',
        kind: 'Eviction',
        metadata: { namespace, name },
        deleteOptions: deleteOptions(options),
      }
      const { signal, timeoutMs } = options
      await request({ method: 'POST', path, body, signal, timeoutMs })
    },
    scale: (key, replicas, options) =>
      writer.patch(key, { type: 'merge', body: { spec: { replicas } } }, { ...options, subresource: 'scale' }),
  }
  return writer
}

const pods = { group: '', version: 'v1', kind: 'Pod', resource: 'pods', namespaced: true }

function keyOf(object: KubeObject): ObjectKey {
  const { namespace, name } = object.metadata
  return { ...parseApiVersion(object.apiVersion), kind: object.kind, namespace, name }
}

function patchBody(patch: Patch): unknown {
  return patch.type === 'json' ? patch.operations : patch.body
}

function deleteOptions(options: DeleteOptions): Record<string, unknown> {
  const { propagation, uid, resourceVersion, gracePeriodSeconds, dryRun } = options
  return {
    propagationPolicy: propagation ?? 'Background',
    ...(gracePeriodSeconds !== undefined && { gracePeriodSeconds }),
    ...((uid !== undefined || resourceVersion !== undefined) && { preconditions: { uid, resourceVersion } }),
    ...(dryRun === true && { dryRun: ['All'] }),
  }
}
