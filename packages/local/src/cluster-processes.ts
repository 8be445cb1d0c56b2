import { availableParallelism } from 'node:os'
import path from 'node:path'
import { serviceRange } from './addresses.ts'
import { withCoarseTimers } from './coarse-timers.ts'
import type { KeptProcess } from './keeper.ts'
import type { ClusterPaths } from './paths.ts'

export interface ProcessesInput {
  readonly cluster: string
  readonly address: string
  readonly paths: ClusterPaths
  /** Path of the all-in-one Kubernetes binary. */
  readonly kubernetes: string
  readonly containerd: string
  /** Given only where nodes are simulated. */
  readonly kwok?: string | undefined
}

const etcdServer = 'https://127.0.0.1:2379'

/**
 * How many processors a daemon may use at once. Clusters share this machine, and a Go program that has more of them than
 * work looks for some on each: on two cores a cluster at rest takes a quarter less with one.
 */
const processorsOfDaemon = (): number => Math.max(1, Math.floor(availableParallelism() / 4))

/** The daemons of one cluster, in the order in which they start. */
export function renderProcesses(input: ProcessesInput): KeptProcess[] {
  const { paths, kubernetes } = input
  const pki = (file: string) => path.join(paths.pki, file)
  const etc = (file: string) => path.join(paths.etc, file)
  const clusterPath = [
    path.dirname(input.containerd),
    '/usr/local/sbin',
    '/usr/local/bin',
    '/usr/sbin',
    '/usr/bin',
    '/sbin',
    '/bin',
  ]
  const env = [`PATH=${clusterPath.join(':')}`, `GOMAXPROCS=${processorsOfDaemon()}`]
  const kept = (name: string, stopSeconds: number, flags: Record<string, string | number | boolean>): KeptProcess => ({
    name,
    argv: withCoarseTimers([kubernetes, name, ...Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`)]),
    env,
    stopSeconds,
  })
  const own = (name: string) => ({
    kubeconfig: etc(`${name}.kubeconfig`),
    'authentication-kubeconfig': etc(`${name}.kubeconfig`),
    'authorization-kubeconfig': etc(`${name}.kubeconfig`),
    'leader-elect': false,
    'bind-address': '127.0.0.1',
    'tls-cert-file': pki('control-plane.crt'),
    'tls-private-key-file': pki('control-plane.key'),
    profiling: false,
  })
  return [
    kept('etcd', 3, {
      name: input.cluster,
      'data-dir': paths.etcd,
      'listen-client-urls': etcdServer,
      'advertise-client-urls': etcdServer,
      'listen-peer-urls': 'http://127.0.0.1:2380',
      'initial-advertise-peer-urls': 'http://127.0.0.1:2380',
      'initial-cluster': `${input.cluster}=http://127.0.0.1:2380`,
      'cert-file': pki('etcd-server.crt'),
      'key-file': pki('etcd-server.key'),
      'trusted-ca-file': pki('etcd-ca.crt'),
      'client-cert-auth': true,
      // a crash of the whole machine may cost this cluster its last writes; in exchange every write is fast
      'unsafe-no-fsync': true,
      'snapshot-count': 10000,
      'log-level': 'warn',
    }),
    kept('kube-apiserver', 2, {
      'advertise-address': input.address,
      'secure-port': 6443,
      'tls-cert-file': pki('apiserver.crt'),
      'tls-private-key-file': pki('apiserver.key'),
      'client-ca-file': pki('ca.crt'),
      'authorization-mode': 'Node,RBAC',
      'enable-admission-plugins': 'NodeRestriction',
      'allow-privileged': true,
      'etcd-servers': etcdServer,
      'etcd-cafile': pki('etcd-ca.crt'),
      'etcd-certfile': pki('etcd-client.crt'),
      'etcd-keyfile': pki('etcd-client.key'),
      'service-cluster-ip-range': serviceRange,
      'service-account-issuer': 'https://kubernetes.default.svc.cluster.local',
      'service-account-key-file': pki('service-account.pub'),
      'service-account-signing-key-file': pki('service-account.key'),
      'kubelet-preferred-address-types': 'InternalIP',
      'kubelet-certificate-authority': pki('ca.crt'),
      'kubelet-client-certificate': pki('apiserver-kubelet.crt'),
      'kubelet-client-key': pki('apiserver-kubelet.key'),
      'requestheader-client-ca-file': pki('front-proxy-ca.crt'),
      'requestheader-allowed-names': 'front-proxy-client',
      'requestheader-username-headers': 'X-Remote-User',
      'requestheader-group-headers': 'X-Remote-Group',
      'requestheader-extra-headers-prefix': 'X-Remote-Extra-',
      'proxy-client-cert-file': pki('front-proxy-client.crt'),
      'proxy-client-key-file': pki('front-proxy-client.key'),
      'enable-aggregator-routing': true,
      profiling: false,
    }),
    kept('kube-controller-manager', 1, {
      ...own('controller-manager'),
      'client-ca-file': pki('ca.crt'),
      'root-ca-file': pki('ca.crt'),
      'cluster-signing-cert-file': pki('ca.crt'),
      'cluster-signing-key-file': pki('ca.key'),
      'requestheader-client-ca-file': pki('front-proxy-ca.crt'),
      'service-account-private-key-file': pki('service-account.key'),
      'use-service-account-credentials': true,
      // with 20 a second of its own, a hundred Deployments would wait for this limit more than for anything else
      'kube-api-qps': 100,
      'kube-api-burst': 200,
    }),
    kept('kube-scheduler', 1, {
      ...own('scheduler'),
      'client-ca-file': pki('ca.crt'),
      'requestheader-client-ca-file': pki('front-proxy-ca.crt'),
    }),
    {
      name: 'containerd',
      argv: [input.containerd, '--config', etc('containerd.toml'), '--log-level', 'warn'],
      env,
      stopSeconds: 2,
    },
    kept('kubelet', 2, {
      config: etc('kubelet.yaml'),
      kubeconfig: etc('kubelet.kubeconfig'),
      'hostname-override': input.cluster,
      'node-ip': input.address,
      'node-labels': `flotilla.dev/local-cluster=${input.cluster}`,
    }),
    kept('kube-proxy', 1, { config: etc('kube-proxy.yaml') }),
    ...(input.kwok === undefined ? [] : [kwokProcess(input.kwok, input.address, etc, env)]),
  ]
}

function kwokProcess(kwok: string, address: string, etc: (file: string) => string, env: string[]): KeptProcess {
  return {
    name: 'kwok',
    argv: withCoarseTimers([
      kwok,
      `--kubeconfig=${etc('admin.kubeconfig')}`,
      '--manage-nodes-with-annotation-selector=kwok.x-k8s.io/node=fake',
      '--server-address=127.0.0.1:10247',
      '--node-lease-duration-seconds=40',
      '--cidr=100.64.0.1/10',
      `--node-ip=${address}`,
      `--config=${etc('kwok.yaml')}`,
    ]),
    env,
    stopSeconds: 1,
  }
}
