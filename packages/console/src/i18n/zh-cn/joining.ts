import type { Dictionary } from '../en.ts'

export const joining: Dictionary['joining'] = {
  way: '如何访问该集群',
  byKubeconfig: '由 Flotilla 连接集群',
  byAgent: '由集群连接 Flotilla',
  kubeconfigLead: '适用于本服务端可以访问其 API 服务器的集群，集群中不运行任何组件。',
  agentLead: '适用于防火墙后的集群：集群中的代理主动向外连接，一切都经由这条连接。',
  addSubmit: '添加并显示命令',
  run: (cluster) => `以管理员身份在 kubectl 可以访问 ${cluster} 的地方运行`,
  command: '命令',
  goodUntil: (time) => `仅可使用一次，有效期至 ${time}`,
  manifestHint: '那里没有 curl，或者无法访问本服务端？',
  showManifest: '显示清单',
  manifest: '清单',
  manifestSecret: '用于 kubectl apply -f。其中含有令牌，请像密码一样保管。',
  steps: '接入进度',
  step: {
    token: '已为代理生成令牌',
    dialled: '代理已连接',
    reached: '可以访问其 API 服务器',
    version: '已获知版本',
    ready: '就绪：节点和资源已获知',
  },
  states: { done: '已完成', now: '等待中', later: '稍后' },
  dialHint: '正在等待。代理未能连接的原因见其日志：kubectl -n flotilla-system logs deploy/flotilla-agent',
  later: '关闭，集群会自行接入',
  open: (cluster) => `打开 ${cluster}`,
}
