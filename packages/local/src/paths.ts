import { homedir } from 'node:os'
import path from 'node:path'

/** The root of the checkout (or of the installed package). */
export const projectRoot = path.resolve(import.meta.dirname, '../../..')

/** Where the sources of the compiled parts are. */
export const nativeRoot = path.join(projectRoot, 'native')

/** The cache outside the clone: compiled parts, the list of fleets, the shared test fleet. */
export function cacheRoot(env: NodeJS.ProcessEnv = process.env): string {
  return path.join(env['XDG_CACHE_HOME'] ?? path.join(env['HOME'] ?? homedir(), '.cache'), 'flotilla')
}

/** Files of one cluster below the fleet's folder. */
export function clusterPaths(fleetDir: string, name: string) {
  const dir = path.join(fleetDir, 'clusters', name)
  return {
    dir,
    pki: path.join(dir, 'pki'),
    etc: path.join(dir, 'etc'),
    logs: path.join(dir, 'logs'),
    /** Shown as /var/lib/kubelet and so on inside the cluster's namespaces. */
    varLib: path.join(dir, 'var-lib'),
    varLog: path.join(dir, 'var-log'),
    etcd: path.join(dir, 'etcd'),
    containerd: path.join(dir, 'containerd'),
    keeperSpec: path.join(dir, 'keeper-spec.json'),
    keeperStatus: path.join(dir, 'keeper.json'),
    kubeconfig: path.join(dir, 'kubeconfig'),
  }
}

export type ClusterPaths = ReturnType<typeof clusterPaths>

/** Files of a daemon that runs on the host itself (the registry, the server). */
export function daemonPaths(fleetDir: string, name: string) {
  const dir = path.join(fleetDir, name)
  return {
    dir,
    logs: path.join(dir, 'logs'),
    keeperSpec: path.join(dir, 'keeper-spec.json'),
    keeperStatus: path.join(dir, 'keeper.json'),
  }
}
