import type { Dictionary } from '../en.ts'

export const quota: Dictionary['quota'] = {
  title: '配额',
  tab: '配额',
  none: '没有配额',
  noneHint: '项目可使用集群提供的资源。编辑项目时可设置配额。',
  inAll: '所有命名空间合计',
  perTarget: '各命名空间',
  age: '由集群上报，最多半分钟前',
  resource: '资源',
  used: '已使用',
  asked: '申请',
  granted: '获得',
  left: '工作空间剩余',
  unbounded: '不限',
  notSaid: '尚未上报',
  of: (used, all) => `${used} / ${all}`,
  atLeast: (used) => `至少 ${used}`,
  share: '已分配给项目',
  leftOf: (left) => `剩余 ${left}`,
  atMost: (most) => `最多 ${most}`,
  example: (resource) =>
    /memory|storage/.test(resource) ? '例如 512Mi 或 10Gi' : resource === 'pods' ? '数量' : '核数，例如 500m 或 4',
  wrong: '不是有效的数量，例如 500m、4 或 10Gi',
  container: '未声明资源的容器',
  containerHint: '设置了 requests 或 limits 配额后，集群会拒绝容器未声明资源的 Pod。',
  containerParts: {
    defaultRequest: (resource) => `requests ${resource}`,
    default: (resource) => `limits ${resource}`,
  },
}
