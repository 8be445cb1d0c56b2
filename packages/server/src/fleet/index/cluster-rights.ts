import type { KubeClient } from '@flotilla/kube'
import type { RbacView } from '../../access/rbac/rbac-view.ts'
import { watchRbac } from '../../access/rbac/watch-rbac.ts'

/**
 * What the roles and bindings of one cluster say, as last seen while it is away: who could see its rows then sees the
 * same rows now, and nobody more.
 */
export class ClusterRights {
  #view: RbacView
  #ending = new AbortController()
  #settled: Promise<unknown>

  constructor(client: KubeClient) {
    const { view, settled } = this.#follow(client)
    this.#view = view
    this.#settled = settled
  }

  get view(): RbacView {
    return this.#view
  }

  /** Resolves when all was read once, or it is closed. */
  get settled(): Promise<unknown> {
    return this.#settled
  }

  /** The cluster is reached by another client from now on; what was seen counts until all is read anew. */
  renew(client: KubeClient): void {
    const before = this.#ending
    this.#ending = new AbortController()
    const { view, settled } = this.#follow(client)
    void this.#take(view, settled, before)
  }

  async #take(view: RbacView, settled: Promise<unknown>, before: AbortController): Promise<void> {
    const { signal } = this.#ending
    await settled
    before.abort(new Error('read anew'))
    if (!signal.aborted) this.#view = view
  }

  close(): void {
    this.#ending.abort(new Error('no longer asked for'))
  }

  #follow(client: KubeClient): { view: RbacView; settled: Promise<unknown> } {
    const view = watchRbac(client, this.#ending.signal, { keep: true })
    return { view, settled: view.synced().catch(() => 'closed before') }
  }
}
