import { dnsAddress } from './addresses.ts'
import type { PlainObject } from './kube-request.ts'
import type { SystemImages } from './system-images.ts'

const namespace = 'kube-system'

/** Asks often until it runs, so that a cluster is ready early; afterwards a question a second would only cost. */
const quickStart = { periodSeconds: 1, failureThreshold: 120 }

/** What every cluster runs as pods: names (CoreDNS) and metrics (metrics-server), and the rights they need. */
export function renderAddons(images: SystemImages): PlainObject[] {
  return [...renderCoreDns(images.coredns), ...renderMetricsServer(images.metricsServer)]
}

function renderCoreDns(image: string): PlainObject[] {
  const name = 'coredns'
  const labels = { 'k8s-app': 'kube-dns' }
  const rules = [
    { apiGroups: [''], resources: ['endpoints', 'services', 'pods', 'namespaces'], verbs: ['list', 'watch'] },
    { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
  ]
  const corefile = `.:53 {
  errors
  health :8080 {
    lameduck 2s
  }
  ready :8181
  kubernetes cluster.local in-addr.arpa ip6.arpa {
    pods insecure
    fallthrough in-addr.arpa ip6.arpa
    ttl 5
  }
  forward . /etc/resolv.conf
  cache 5
  loop
  reload
}
`
  const probe = (path: string, port: number) => ({ httpGet: { path, port } })
  return [
    serviceAccount(name),
    clusterRole('system:coredns', rules),
    clusterRoleBinding('system:coredns', 'system:coredns', name),
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data: { Corefile: corefile } },
    deployment(name, labels, {
      serviceAccountName: name,
      dnsPolicy: 'Default',
      priorityClassName: 'system-cluster-critical',
      containers: [
        {
          name,
          image,
          args: ['-conf', '/etc/coredns/Corefile'],
          ports: [
            { name: 'dns', containerPort: 53, protocol: 'UDP' },
            { name: 'dns-tcp', containerPort: 53, protocol: 'TCP' },
          ],
          resources: { requests: { cpu: '20m', memory: '40Mi' }, limits: { memory: '128Mi' } },
          volumeMounts: [{ name: 'config', mountPath: '/etc/coredns', readOnly: true }],
          startupProbe: { ...probe('/ready', 8181), ...quickStart },
          readinessProbe: probe('/ready', 8181),
          livenessProbe: { ...probe('/health', 8080), initialDelaySeconds: 20 },
        },
      ],
      volumes: [{ name: 'config', configMap: { name } }],
    }),
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'kube-dns', namespace, labels },
      spec: {
        clusterIP: dnsAddress,
        selector: labels,
        ports: [
          { name: 'dns', port: 53, protocol: 'UDP' },
          { name: 'dns-tcp', port: 53, protocol: 'TCP' },
        ],
      },
    },
  ]
}

function renderMetricsServer(image: string): PlainObject[] {
  const name = 'metrics-server'
  const ready = { path: '/readyz', port: 10250, scheme: 'HTTPS' }
  const labels = { 'k8s-app': name }
  const readers = {
    'rbac.authorization.k8s.io/aggregate-to-view': 'true',
    'rbac.authorization.k8s.io/aggregate-to-edit': 'true',
    'rbac.authorization.k8s.io/aggregate-to-admin': 'true',
  }
  return [
    serviceAccount(name),
    clusterRole('system:metrics-server', [
      { apiGroups: [''], resources: ['nodes/metrics'], verbs: ['get'] },
      { apiGroups: [''], resources: ['pods', 'nodes'], verbs: ['get', 'list', 'watch'] },
    ]),
    clusterRole(
      'system:aggregated-metrics-reader',
      [{ apiGroups: ['metrics.k8s.io'], resources: ['pods', 'nodes'], verbs: ['get', 'list', 'watch'] }],
      readers,
    ),
    clusterRoleBinding('system:metrics-server', 'system:metrics-server', name),
    clusterRoleBinding('metrics-server:system:auth-delegator', 'system:auth-delegator', name),
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: 'metrics-server-auth-reader', namespace },
      roleRef: {
        apiGroup: 'rbac.authorization.k8s.io',
        kind: 'Role',
        name: 'extension-apiserver-authentication-reader',
      },
      subjects: [{ kind: 'ServiceAccount', name, namespace }],
    },
    deployment(name, labels, {
      serviceAccountName: name,
      priorityClassName: 'system-cluster-critical',
      containers: [
        {
          name,
          image,
          args: [
            '--cert-dir=/tmp',
            '--secure-port=10250',
            '--kubelet-preferred-address-types=InternalIP',
            '--kubelet-certificate-authority=/ca/ca.crt',
            '--metric-resolution=15s',
          ],
          ports: [{ name: 'https', containerPort: 10250 }],
          resources: { requests: { cpu: '20m', memory: '40Mi' }, limits: { memory: '128Mi' } },
          securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            runAsNonRoot: true,
            runAsUser: 65534,
            capabilities: { drop: ['ALL'] },
          },
          startupProbe: { httpGet: ready, ...quickStart },
          readinessProbe: { httpGet: ready },
          volumeMounts: [
            { name: 'tmp', mountPath: '/tmp' },
            { name: 'ca', mountPath: '/ca', readOnly: true },
          ],
        },
      ],
      volumes: [
        { name: 'tmp', emptyDir: {} },
        { name: 'ca', configMap: { name: 'kube-root-ca.crt' } },
      ],
    }),
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace, labels },
      spec: { selector: labels, ports: [{ name: 'https', port: 443, targetPort: 10250 }] },
    },
    {
      apiVersion: 'apiregistration.k8s.io/v1',
      kind: 'APIService',
      metadata: { name: 'v1beta1.metrics.k8s.io' },
      spec: {
        group: 'metrics.k8s.io',
        version: 'v1beta1',
        groupPriorityMinimum: 100,
        versionPriority: 100,
        insecureSkipTLSVerify: true,
        service: { name, namespace },
      },
    },
  ]
}

const serviceAccount = (name: string): PlainObject => ({
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: { name, namespace },
})

const clusterRole = (name: string, rules: object[], labels: object = {}): PlainObject => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRole',
  metadata: { name, labels },
  rules,
})

const clusterRoleBinding = (name: string, role: string, account: string): PlainObject => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRoleBinding',
  metadata: { name },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
  subjects: [{ kind: 'ServiceAccount', name: account, namespace }],
})

const deployment = (name: string, labels: Record<string, string>, podSpec: object): PlainObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace, labels },
  spec: {
    replicas: 1,
    selector: { matchLabels: labels },
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
    template: { metadata: { labels }, spec: podSpec },
  },
})
