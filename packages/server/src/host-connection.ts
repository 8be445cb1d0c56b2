import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { delimiter, dirname, resolve } from 'node:path'
import { type ClusterConnection, parseTrustedKubeconfig } from '@flotilla/kube'
import { FlotillaError } from '@flotilla/model'
import { parseYaml } from '@flotilla/render'
import { readKubeconfig } from './read-kubeconfig.ts'

const mostBytes = 4 * 1024 * 1024
const podAccount = '/var/run/secrets/kubernetes.io/serviceaccount'

/** The way to the host cluster: the operator's kubeconfig, or the account of the pod that this runs in. */
export async function readHostConnection(
  options: { readonly kubeconfig: string | undefined; readonly context: string | undefined },
  env: NodeJS.ProcessEnv,
): Promise<ClusterConnection> {
  const { kubeconfig } = options
  if (kubeconfig !== undefined) {
    const path = resolve(kubeconfig)
    const text = await readFile(path, 'utf8').catch((cause: unknown) => {
      throw new FlotillaError('input.invalid', {
        message: `The kubeconfig ${kubeconfig} cannot be read`,
        field: '--kubeconfig',
        remedy: kubeconfig.includes(delimiter)
          ? 'The server reads one file: merge them with kubectl config view --flatten --minify, and give that file.'
          : 'Give the path of a kubeconfig of the host cluster.',
        cause,
      })
    })
    const document = await readKubeconfig(text, '--kubeconfig', (given, field) =>
      parseYaml(given, { field, maxBytes: mostBytes }),
    )
    return (await parseTrustedKubeconfig(document, dirname(path), { context: options.context })).connection
  }
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = '443' } = env
  if (host === undefined) {
    throw new FlotillaError('input.invalid', {
      message: 'Which cluster is the host is not said',
      field: '--kubeconfig',
      remedy: 'Give --kubeconfig FILE with a cluster administrator of the host cluster.',
    })
  }
  return {
    server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    caPem: await readFile(`${podAccount}/ca.crt`, 'utf8'),
    // read again for each request: the kubelet renews it
    auth: { kind: 'token', token: () => readFileSync(`${podAccount}/token`, 'utf8').trim() },
  }
}
