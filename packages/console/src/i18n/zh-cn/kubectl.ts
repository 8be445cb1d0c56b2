import type { Dictionary } from '../en.ts'

export const kubectl: Dictionary['kubectl'] = {
  open: 'kubectl…',
  title: 'kubectl、helm 与 k9s',
  lead: '通过本服务器，以您自己的权限访问您可用的所有集群。文件中不含令牌。',
  once: '登录一次',
  write: '写入上下文',
  writeOne: (cluster) => `写入 ${cluster} 的上下文`,
  use: '然后使用',
}
