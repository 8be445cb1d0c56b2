import { createWatch, type KubeClient } from '@flotilla/kube'

/** Says which Secret of the host's projects changed; holds none of their content. */
export interface SecretIndex {
  onChange(listener: (key: string) => void): () => void
}

export function createSecretIndex(host: KubeClient, signal: AbortSignal): SecretIndex {
  const listeners = new Set<(key: string) => void>()
  createWatch<string>({
    client: host,
    kind: { group: '', version: 'v1', kind: 'Secret' },
    signal,
    // Helm's records are many and named by nobody
    fieldSelector: 'type!=helm.sh/release.v1',
    project: ({ metadata }) => metadata.resourceVersion ?? '',
    onEvent: ({ key }) => listeners.forEach((listener) => listener(key)),
  })
  return {
    onChange: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
