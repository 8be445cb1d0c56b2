import type { Dictionary } from '../en.ts'

export const empty: Dictionary['empty'] = {
  filteredOut: '没有符合筛选条件的内容',
  filteredOutHint: (shown, total) => `共 ${total} 项，显示 ${shown} 项。`,
  clearFilter: '清除筛选',
  forbidden: '你没有查看权限',
  forbiddenHint: (verb, resource, scope) => `需要在 ${scope} 中对 ${resource} 的“${verb}”权限。`,
  forbiddenWho: (who) => `可由${who}授予。`,
  platformAdministrators: '平台管理员',
  unreachable: '服务器没有响应',
  unreachableHint: '这是网络或服务器的问题，与你的权限无关。系统会自动重试。',
  clusterUnreachable: (cluster) => `无法访问集群 ${cluster}`,
  retry: '重试',
}
