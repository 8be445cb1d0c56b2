import path from 'node:path'
import { dnsAddress } from './addresses.ts'

export interface ClusterConfigInput {
  readonly cluster: string
  readonly address: string
  readonly pods: string
  readonly pki: string
  readonly etc: string
  readonly containerdRoot: string
  readonly cniBin: string
  /** HOST:PORT of the fleet's registry. */
  readonly registry: string
  readonly pauseImage: string
}

/** The configuration files of one cluster, by their path below its `etc` folder. JSON is YAML too. */
export function renderClusterConfig(input: ClusterConfigInput): Record<string, string> {
  return {
    'kubelet.yaml': json(kubeletConfig(input)),
    'kube-proxy.yaml': json(kubeProxyConfig(input)),
    'containerd.toml': containerdConfig(input),
    'cni/10-bridge.conflist': json(cniConfig(input)),
    'certs.d/_default/hosts.toml': registryHosts(input),
  }
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`

function kubeletConfig(input: ClusterConfigInput) {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    containerRuntimeEndpoint: 'unix:///run/containerd/containerd.sock',
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: path.join(input.pki, 'ca.crt') },
    },
    authorization: { mode: 'Webhook' },
    tlsCertFile: path.join(input.pki, 'kubelet-server.crt'),
    tlsPrivateKeyFile: path.join(input.pki, 'kubelet-server.key'),
    clusterDNS: [dnsAddress],
    clusterDomain: 'cluster.local',
    resolvConf: path.join(input.etc, 'resolv.conf'),
    failCgroupV1: false,
    failSwapOn: false,
    cgroupDriver: 'cgroupfs',
    enforceNodeAllocatable: ['pods'],
    // the disk is the machine's, not the cluster's: its filling up is no reason to end pods or drop their images
    evictionHard: { 'memory.available': '64Mi', 'nodefs.available': '0%', 'imagefs.available': '0%' },
    imageGCHighThresholdPercent: 100,
    imageGCLowThresholdPercent: 99,
    makeIPTablesUtilChains: false,
    serializeImagePulls: false,
    maxPods: 250,
    containerLogMaxSize: '10Mi',
    containerLogMaxFiles: 3,
  }
}

function kubeProxyConfig(input: ClusterConfigInput) {
  return {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    mode: 'nftables',
    hostnameOverride: input.cluster,
    clusterCIDR: input.pods,
    clientConnection: { kubeconfig: path.join(input.etc, 'proxy.kubeconfig') },
    metricsBindAddress: '127.0.0.1:10249',
    // these limits belong to the whole machine
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
  }
}

function containerdConfig(input: ClusterConfigInput): string {
  return `version = 3
root = "${input.containerdRoot}"
state = "/run/containerd"
disabled_plugins = ["io.containerd.nri.v1.nri", "io.containerd.internal.v1.tracing", "io.containerd.tracing.processor.v1.otlp"]

[grpc]
address = "/run/containerd/containerd.sock"

[plugins."io.containerd.cri.v1.images"]
snapshotter = "overlayfs"
discard_unpacked_layers = true

[plugins."io.containerd.cri.v1.images".pinned_images]
sandbox = "${input.pauseImage}"

[plugins."io.containerd.cri.v1.images".registry]
config_path = "${path.join(input.etc, 'certs.d')}"

[plugins."io.containerd.cri.v1.runtime"]
restrict_oom_score_adj = true
# the kubelet measures containers by itself and never asks for these samples, which are taken each second of each container
stats_collect_period = "1m"
stats_retention_period = "5m"

[plugins."io.containerd.cri.v1.runtime".cni]
bin_dirs = ["${input.cniBin}"]
conf_dir = "${path.join(input.etc, 'cni')}"

[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"

[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc.options]
SystemdCgroup = false
`
}

function cniConfig(input: ClusterConfigInput) {
  return {
    cniVersion: '1.0.0',
    name: 'pods',
    plugins: [
      {
        type: 'bridge',
        bridge: 'cni0',
        isGateway: true,
        hairpinMode: true,
        ipMasq: true,
        ipMasqBackend: 'nftables',
        ipam: {
          type: 'host-local',
          dataDir: '/var/lib/cni/networks',
          ranges: [[{ subnet: input.pods }]],
          routes: [{ dst: '0.0.0.0/0' }],
        },
      },
      { type: 'portmap', backend: 'nftables', capabilities: { portMappings: true } },
    ],
  }
}

/** The fleet's registry is asked first for every image of every registry; what it lacks comes from the image's own. */
function registryHosts(input: ClusterConfigInput): string {
  return `[host."http://${input.registry}"]
capabilities = ["pull", "resolve"]
`
}
