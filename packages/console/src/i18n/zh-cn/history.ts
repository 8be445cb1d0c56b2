import type { Dictionary } from '../en.ts'

export const history: Dictionary['history'] = {
  table: '修订列表',
  revision: '修订',
  when: '时间',
  by: '操作者',
  reason: '原因',
  sources: '来源',
  targets: '目标',
  current: '当前',
  nothingYet: '还没有修订',
  nothingYetHint: '应用首次渲染后会产生第一个修订。',
  pick: '选择一个修订，查看回退到它会改变什么。',
  title: (revision) => `回退到修订 ${revision}`,
  titleCurrent: (revision) => `修订 ${revision}`,
  isCurrent: '这就是当前期望的状态。',
  changes: '会改变什么',
  specification: '规格',
  noChanges: '不会改变任何集群。',
  revert: (revision) => `回退到 ${revision}`,
  reverted: (revision) => `正在回退到修订 ${revision} 的期望状态`,
  pinned: '会变动的来源将固定为当时的版本。',
}
