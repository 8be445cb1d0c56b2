import type { Dictionary } from '../en.ts'

export const keys: Dictionary['keys'] = {
  title: '快捷键',
  palette: '搜索或执行',
  filter: '转到筛选框',
  logs: '查看所选对象的日志',
  previousLogs: '查看上一次运行的日志',
  shell: '在所选 Pod 中打开终端',
  leaveShell: '离开终端',
  yaml: '以 YAML 查看配置',
  edit: '编辑',
  help: '显示本列表',
  move: '在列表中移动',
  open: '打开',
  closeDock: '关闭最上层的面板',
}
