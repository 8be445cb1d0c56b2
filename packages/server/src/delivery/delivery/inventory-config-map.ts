import { type Delivery, fieldManager, type KubeObject, labels, parseApiVersion } from '@flotilla/model'
import { type Inventory, inventoryName } from '@flotilla/reconcile'
import { z } from 'zod'
import type { Workbench } from './deps.ts'

const Entry = z.object({
  /** group/version, kind, namespace, name */
  ref: z.tuple([z.string(), z.string(), z.string(), z.string()]),
  component: z.string(),
  desired: z.string().optional(),
  live: z.string().optional(),
  keep: z.boolean().optional(),
  leaving: z.boolean().optional(),
})
const Content = z.object({
  epoch: z.coerce.number().int().nonnegative(),
  delivery: z.string(),
  attempt: z.string(),
  components: z
    .string()
    .transform(parseJson)
    .pipe(
      z.record(
        z.string(),
        z.object({
          digest: z.string(),
          version: z.string().optional(),
          release: z.object({ name: z.string(), revision: z.number().int(), attempt: z.string() }).optional(),
        }),
      ),
    ),
  objects: z.string().transform(parseLines).pipe(z.array(Entry).max(20_000)),
})

function parseJson(text: string, context: z.RefinementCtx): unknown {
  try {
    return JSON.parse(text)
  } catch {
    context.addIssue({ code: 'custom', message: 'is not JSON' })
    return z.NEVER
  }
}

function parseLines(text: string, context: z.RefinementCtx): unknown {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => parseJson(line, context))
}

export const inventoryKey = (delivery: Delivery) => ({
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  namespace: delivery.spec.target.namespace,
  name: inventoryName(delivery.spec.application.name),
})

/** One line per object: a person can read it, and a difference shows what came and went. */
export function encodeInventory(delivery: Delivery, inventory: Inventory): KubeObject {
  const lines = inventory.entries.map(({ ref, component, desired, live, keep, leaving }) =>
    JSON.stringify({
      ref: [ref.group === '' ? ref.version : `${ref.group}/${ref.version}`, ref.kind, ref.namespace, ref.name],
      component,
      desired,
      live,
      keep,
      leaving,
    }),
  )
  const { namespace, name } = inventoryKey(delivery)
  const { resourceVersion } = inventory
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name,
      namespace,
      labels: { [labels.managed]: 'inventory', [labels.application]: delivery.spec.application.name },
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
    },
    data: {
      epoch: String(inventory.epoch),
      delivery: inventory.deliveryUid,
      attempt: inventory.attempt,
      components: JSON.stringify(inventory.components),
      objects: lines.join('\n'),
    },
  }
}

/** Undefined when it is not one, or damaged: then the objects are found again by what is wanted, and nothing is pruned. */
export function decodeInventory(object: KubeObject): Inventory | undefined {
  const parsed = Content.safeParse(object['data'])
  if (!parsed.success) return undefined
  const { epoch, delivery, attempt, components, objects } = parsed.data
  return {
    deliveryUid: delivery,
    epoch,
    attempt,
    components,
    resourceVersion: object.metadata.resourceVersion,
    entries: objects.map(({ ref: [apiVersion, kind, namespace, name], component, desired, live, keep, leaving }) => {
      const ref = { ...parseApiVersion(apiVersion), kind, namespace, name }
      return { ref, component, desired, live, keep, leaving }
    }),
  }
}

export async function readInventory({ client, delivery, signal, counters }: Workbench): Promise<Inventory | undefined> {
  counters.add('reads')
  const object = await client.find(inventoryKey(delivery), { signal })
  if (object === undefined) return undefined
  const inventory = decodeInventory(object)
  if (inventory?.deliveryUid === delivery.metadata.uid) return inventory
  // of a Delivery of that name before this one: its place is taken over, its objects are not
  return {
    deliveryUid: delivery.metadata.uid ?? '',
    epoch: inventory?.epoch ?? 0,
    attempt: '',
    components: {},
    entries: [],
    resourceVersion: object.metadata.resourceVersion,
  }
}

/** Fails with `kube.conflict` when somebody else wrote it since it was read. */
export async function writeInventory(bench: Workbench, inventory: Inventory): Promise<Inventory> {
  const { client, delivery, signal, counters } = bench
  const object = encodeInventory(delivery, inventory)
  counters.add('inventoryWrites')
  const written =
    inventory.resourceVersion === undefined
      ? await client.create(object, { signal, fieldManager })
      : await client.update(object, { signal, fieldManager })
  return { ...inventory, resourceVersion: written.metadata.resourceVersion }
}
