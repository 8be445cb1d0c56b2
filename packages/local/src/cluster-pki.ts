import { apiServiceAddress } from './addresses.ts'

/** The input of `keeper pki`: every authority, certificate and key of one cluster. */
export function renderPkiSpec(options: { dir: string; cluster: string; address: string }) {
  const { dir, cluster, address } = options
  const client = (name: string, commonName: string, ...organizations: string[]) => ({
    name,
    authority: 'ca',
    commonName,
    organizations,
    client: true,
  })
  return {
    dir,
    authorities: [
      { name: 'ca', commonName: `${cluster} kubernetes` },
      { name: 'etcd-ca', commonName: `${cluster} etcd` },
      // an authority of its own: whoever it signs for may speak in any name to an aggregated API
      { name: 'front-proxy-ca', commonName: `${cluster} front proxy` },
    ],
    certificates: [
      {
        name: 'apiserver',
        authority: 'ca',
        commonName: 'kube-apiserver',
        dnsNames: [
          cluster,
          'localhost',
          'kubernetes',
          'kubernetes.default',
          'kubernetes.default.svc',
          'kubernetes.default.svc.cluster.local',
        ],
        ips: [address, '127.0.0.1', apiServiceAddress],
        server: true,
      },
      { ...client('kubelet', `system:node:${cluster}`, 'system:nodes') },
      {
        name: 'kubelet-server',
        authority: 'ca',
        commonName: `system:node:${cluster}`,
        organizations: ['system:nodes'],
        dnsNames: [cluster],
        ips: [address, '127.0.0.1'],
        server: true,
      },
      // without one, the controller manager and the scheduler make RSA keys of their own at each start, which takes longer
      { name: 'control-plane', authority: 'ca', commonName: 'control-plane', ips: ['127.0.0.1'], server: true },
      client('apiserver-kubelet', 'kube-apiserver-kubelet-client', 'system:masters'),
      client('admin', 'flotilla-local-admin', 'system:masters'),
      client('controller-manager', 'system:kube-controller-manager'),
      client('scheduler', 'system:kube-scheduler'),
      client('proxy', 'system:kube-proxy'),
      // etcd's own gateway is its client under the same certificate
      { name: 'etcd-server', authority: 'etcd-ca', commonName: 'etcd', ips: ['127.0.0.1'], server: true, client: true },
      { name: 'etcd-client', authority: 'etcd-ca', commonName: 'kube-apiserver', client: true },
      { name: 'front-proxy-client', authority: 'front-proxy-ca', commonName: 'front-proxy-client', client: true },
    ],
    keyPairs: ['service-account'],
  }
}
