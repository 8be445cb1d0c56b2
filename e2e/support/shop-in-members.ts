import { createKubeClient, type KubeClient } from '@flotilla/kube'
import { connectionOf } from '@flotilla/kube/testing/connection-of'
import type { Fleet } from '@flotilla/local'
import type { KubeObject } from '@flotilla/model'
import { type Member, members, membersOf } from './open-release-fleet.ts'

/** What a member has of the shop. */
export interface ShopThere {
  readonly message: string | undefined
  readonly paymentKey: string | undefined
  /** Images of its Deployments, in the order of their names. */
  readonly images: readonly string[]
  /** Every one that Helm's record still has. */
  readonly helmRevisions: readonly number[]
  /** How many different pods there were. */
  readonly replicaSets: number
}

/** Reads the shop in the members themselves, past Flotilla. */
export class ShopInMembers {
  readonly #clients: ReadonlyMap<Member, KubeClient>
  readonly #fleet: Fleet
  readonly #namespace: string

  constructor(fleet: Fleet, namespace: string) {
    this.#fleet = fleet
    this.#namespace = namespace
    this.#clients = new Map(
      members.map((name) => {
        const connection = connectionOf(fleet.clusters[membersOf[name]]?.kubeconfig)
        return [name, createKubeClient({ name, connection, userAgent: 'flotilla-e2e' })]
      }),
    )
  }

  async look(member: Member): Promise<ShopThere> {
    const namespace = this.#namespace
    const client = this.#client(member)
    const page = await client.find({ group: '', kind: 'ConfigMap', namespace, name: 'shop-web' })
    const secret = await client.find({ group: '', kind: 'Secret', namespace, name: 'shop-settings' })
    const list = async (group: string, kind: string, labelSelector = ''): Promise<readonly KubeObject[]> =>
      (await client.list({ group, kind }, { namespace, labelSelector })).items
    const deployments = await list('apps', 'Deployment')
    const records = await list('', 'Secret', 'owner=helm,name=shop')
    const web = await list('apps', 'ReplicaSet', 'app.kubernetes.io/component=web')
    const key = textsOf(secret)['payment-key']
    return {
      message: textsOf(page)['MESSAGE'],
      paymentKey: key === undefined ? undefined : Buffer.from(key, 'base64').toString(),
      images: deployments.toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1)).map(imageOf),
      helmRevisions: records.map(({ metadata }) => Number(metadata.labels?.['version'])).toSorted((a, b) => a - b),
      replicaSets: web.length,
    }
  }

  /** The same asked of every member. */
  async everywhere(): Promise<Readonly<Record<Member, ShopThere>>> {
    const seen = await Promise.all(members.map(async (member) => [member, await this.look(member)] as const))
    return Object.fromEntries(seen) as Record<Member, ShopThere>
  }

  /** Where the shop's page of a member is opened from this machine. */
  async pageOf(member: Member): Promise<string> {
    const key = { group: '', kind: 'Service', namespace: this.#namespace, name: 'shop-web' }
    const service = await this.#client(member).get(key)
    const { ports } = service['spec'] as { readonly ports: readonly { readonly nodePort: number }[] }
    return `http://${addressOf(this.#fleet, member)}:${ports[0]?.nodePort}`
  }

  async close(): Promise<void> {
    await Promise.all([...this.#clients.values()].map((client) => client.close()))
  }

  #client(member: Member): KubeClient {
    const client = this.#clients.get(member)
    if (client === undefined) throw new Error(`there is no member ${member}`)
    return client
  }
}

/** Of the only node of a member that is real. */
export const addressOf = (fleet: Fleet, member: Member): string =>
  new URL(fleet.clusters[membersOf[member]]?.server ?? '').hostname

const textsOf = (object: KubeObject | undefined): Readonly<Record<string, string | undefined>> =>
  (object?.['data'] ?? {}) as Readonly<Record<string, string | undefined>>

function imageOf(deployment: KubeObject): string {
  const { template } = deployment['spec'] as {
    readonly template: { readonly spec: { readonly containers: readonly { readonly image: string }[] } }
  }
  return template.spec.containers.map(({ image }) => image).join(', ')
}
